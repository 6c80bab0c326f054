import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pageFolder } from '../../test/buildPage.js';
import { type FolderServer, serveFolder } from '../../test/serveFolder.js';
import { chromiumPath, launch } from '../../test/servePage.js';

const model = readFileSync(fileURLToPath(new URL('../../../../models/avatars/model.safetensors', import.meta.url)));

describe.skipIf(!existsSync(chromiumPath))(`the page without a network (skipped without a Chromium at ${chromiumPath})`, { timeout: 120_000 }, () => {
  let browser: Browser;
  let server: FolderServer;
  let page: Page;
  const troubles: string[] = [];
  beforeAll(async () => void (browser = await launch()));
  afterAll(() => browser?.close());
  beforeEach(async () => {
    server = await serveFolder(pageFolder);
    server.instead.set('/model.safetensors', model);
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    troubles.length = 0;
    page.on('pageerror', (error) => troubles.push(String(error)));
    await page.goto(server.url);
    await settled();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  });
  afterEach(async () => {
    await page.context().close();
    await server.stop().catch(() => {});
  });
  const settled = (): Promise<void> => page.locator('.stage[data-current=true][data-status=idle]').waitFor();
  const look = (): Promise<number[]> =>
    page.locator('canvas[data-image=edited]').evaluate((canvas: HTMLCanvasElement) => Array.from(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 97 === 0)));

  it('opens again with its model and makes new images, and exports them', async () => {
    const before = await look();
    await server.stop();
    await page.reload();
    await settled();
    expect(await page.evaluate(() => [navigator.serviceWorker.controller !== null, crossOriginIsolated])).toEqual([true, true]);
    // The engine recompiles kernels while it runs: equal to rounding.
    (await look()).forEach((value, i) => expect(Math.abs(value - before[i]!)).toBeLessThanOrEqual(2));
    await page.locator('[data-action=seed]').click();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await settled();
    expect((await look()).some((value, i) => Math.abs(value - before[i]!) > 8)).toBe(true);
    await page.locator('#export').click();
    const [film] = await Promise.all([page.waitForEvent('download'), page.locator('[data-format=png]').click().then(() => page.locator('[data-action=save]').click())]);
    expect(film.suggestedFilename()).toBe('paper32.png');
    expect(troubles).toEqual([]);
  });

  it('shows a new version as soon as there is one, and asks for no file twice that never changes', async () => {
    await page.reload();
    await settled();
    server.asked.length = 0;
    await page.reload();
    await settled();
    expect(server.asked).toContain('GET /');
    expect(server.asked.filter((path) => path.includes('/assets/'))).toEqual([]);
    server.instead.set('/', readFileSync(join(pageFolder, 'index.html'), 'utf8').replace('<title>', '<title data-version="2">'));
    await page.reload();
    expect(await page.locator('title[data-version="2"]').count()).toBe(1);
  });

  it('leaves the address to another application that answers there', async () => {
    server.instead.set('/', '<!doctype html><title>Another</title>');
    await page.reload();
    expect(await page.title()).toBe('Another');
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.getRegistrations().then(({ length }) => length))).toBe(0);
    await expect.poll(() => page.evaluate(() => caches.keys())).toEqual([]);
  });
});
