import { spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchOptions, noChromium, openPage } from './pages.js';
import { root } from './publicPackages.js';

const scratch = inject('scratch');

/** Somebody's application: an example's files in a folder that knows our packages from their tarballs only. */
function copyApp(name: string): string {
  const app = join(scratch, 'apps', name);
  cpSync(join(root, 'examples', name), app, { recursive: true, filter: (path) => !/\/(node_modules|dist)(\/|$)/.test(path) });
  return app;
}

function buildApp(name: string): string {
  const app = copyApp(name);
  const { status, stderr } = spawnSync(process.execPath, [join(scratch, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel=warn'], { cwd: app, encoding: 'utf8', timeout: 240_000 });
  expect([status, stderr]).toEqual([0, expect.not.stringMatching(/error/i)]);
  return join(app, 'dist');
}

describe.skipIf(noChromium)(`applications with an editor (${noChromium ?? 'in Chromium'})`, () => {
  let browser: Browser;
  let page: Page;
  let failures: string[];
  let loads: number;
  async function open(folder: string): Promise<void> {
    loads = 0;
    ({ page, failures } = await openPage(browser, folder, (pathname) => {
      if (pathname !== '/model.safetensors') return undefined;
      loads++;
      return { file: join(root, 'models/avatars/model.safetensors') };
    }));
  }
  async function drag(within: string): Promise<void> {
    await page.locator(`${within} .stage[data-current=true][data-status=idle]`).waitFor({ timeout: 120_000 });
    const handle = page.locator(`${within} .handle`).first();
    const before = await handle.getAttribute('aria-label');
    const { x, y, width, height } = (await handle.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + 40, y + height / 2 - 30, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => handle.getAttribute('aria-label')).not.toBe(before);
    await page.locator(`${within} .stage[data-current=true][data-status=idle]`).waitFor({ timeout: 60_000 });
  }
  beforeAll(async () => {
    browser = await chromium.launch(launchOptions);
  });
  afterAll(() => browser?.close());

  it.each([
    ['as it is, by an import map', () => {
      const app = copyApp('editor-plain');
      symlinkSync(join(scratch, 'node_modules'), join(app, 'node_modules'), 'junction');
      return app;
    }],
    ['bundled by Vite', () => buildApp('editor-plain')],
  ])('plain HTML, %s: the element and mountEditor', async (_how, folder) => {
    await open(folder());
    await drag('spatialgan-editor');
    expect(await page.title()).toBe('1 steps');
    await drag('#mounted');
    expect(await page.locator('#mounted [data-action=reset]').textContent()).toBe('重置');
    expect(await page.title()).toBe('1 steps');
    expect(failures).toEqual([]);
    await page.close();
  }, 240_000);

  it.each(['editor-react', 'editor-vue'])('%s, built by Vite, drives the bundled model in a Worker', async (name) => {
    await open(buildApp(name));
    await drag('#app');
    expect(await page.locator('#count').textContent()).toBe('7 regions');
    await page.keyboard.press('Delete');
    await expect.poll(() => page.locator('#count').textContent()).toBe('6 regions');
    await page.keyboard.press('Control+z');
    await expect.poll(() => page.locator('#count').textContent()).toBe('7 regions');
    // React's StrictMode runs effects twice; the model is loaded once.
    expect(loads).toBe(1);
    expect(failures).toEqual([]);
    await page.close();
  }, 300_000);
});
