import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from '@spatialgan/model';
import { chromium } from 'playwright-core';
import { runCli } from 'spatialgan';
import { build } from 'vite';
import { expect, it } from 'vitest';

const chromiumPath = process.env['SPATIALGAN_CHROMIUM'] ?? '/usr/bin/chromium';
const screenshots = process.env['SPATIALGAN_SCREENSHOTS'];
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

it.skipIf(!existsSync(chromiumPath))('trains in a tab, survives a reload, and its model is sampled by the cli', async () => {
  const home = await mkdtemp(join(tmpdir(), 'spatialgan-tab-'));
  await build({ root: fileURLToPath(new URL('..', import.meta.url)), logLevel: 'error', build: { outDir: join(home, 'dist'), minify: false } });
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, acceptDownloads: true });
    context.setDefaultTimeout(120_000);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    await context.route('**/*', async (route) => {
      const { pathname } = new URL(route.request().url());
      const file = join(home, 'dist', pathname === '/' ? 'index.html' : pathname);
      if (!existsSync(file)) return route.fulfill({ status: 404 });
      return route.fulfill({ body: await readFile(file), contentType: types[extname(file)] ?? 'application/octet-stream' });
    });
    // Storage belongs to an origin: a made-up one will do.
    await page.goto('http://127.0.0.1:1/');
    await page.setInputFiles('#files', { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no image') });
    await page.waitForSelector('#error:not([hidden])');
    await page.locator('#demo').press('Enter');
    await page.selectOption('#size', '8');
    if (screenshots) await page.screenshot({ path: join(screenshots, 'setup.png') });
    await page.locator('#start').press('Enter');
    await page.waitForFunction(() => Number(document.body.dataset['step']) >= 6 && document.querySelector<HTMLElement>('#sheet')!.dataset['drawn']);
    if (screenshots) await page.waitForFunction((n) => Number(document.body.dataset['step']) >= n, Number(process.env['SPATIALGAN_STEPS'] ?? 6));
    await page.locator('#pause').press('Enter');
    await page.waitForSelector('body[data-state=resting]');
    if (screenshots) await page.screenshot({ path: join(screenshots, 'page.png') });
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#download').click()]);
    const model = join(home, download.suggestedFilename());
    await download.saveAs(model);
    await page.reload();
    await page.waitForSelector('#resume:not([hidden])');
    const before = await page.evaluate(() => document.body.dataset['step']);
    expect(before).toBeUndefined();
    await page.locator('#resume').click();
    await page.waitForFunction(() => Number(document.body.dataset['step']) >= 7);
    if (screenshots) {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(screenshots, 'phone.png'), fullPage: true });
    }
    expect(troubles).toEqual([]);
    expect(readModel(await readFile(model)).provenance).toMatchObject({ trainedIn: 'a browser tab' });
    const errors: string[] = [];
    const code = await runCli(['sample', '--model', model, '--seeds', '0-3', '--backend', 'wasm', '--out', join(home, 'grid.png')], { info: () => {}, warn: () => {}, error: (text) => void errors.push(text) });
    expect([code, errors]).toEqual([0, []]);
    expect((await readFile(join(home, 'grid.png'))).length).toBeGreaterThan(1000);
  } finally {
    await browser.close();
    await rm(home, { recursive: true, force: true });
  }
}, 400_000);
