import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from '@spatialgan/model';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { runCli } from 'spatialgan';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const chromiumPath = process.env['SPATIALGAN_CHROMIUM'] ?? '/usr/bin/chromium';
const screenshots = process.env['SPATIALGAN_SCREENSHOTS'];
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
// As vite.config.ts has its servers send.
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
// Storage and WebGPU belong to trusted origins: a made-up one on this machine will do.
const origin = 'http://127.0.0.1:1';
const studio = dirname(createRequire(import.meta.url).resolve('@spatialgan/studio/package.json'));

interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly troubles: string[];
}

describe.skipIf(!existsSync(chromiumPath))('training in a tab', () => {
  let home: string;
  let browser: Browser;
  let model: Buffer | undefined;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'spatialgan-tab-'));
    await build({ root: fileURLToPath(new URL('..', import.meta.url)), logLevel: 'error', build: { outDir: join(home, 'dist'), minify: false } });
    await build({ root: studio, configFile: join(studio, 'vite.config.ts'), logLevel: 'error', build: { outDir: join(home, 'studio'), emptyOutDir: true } });
    browser = await chromium.launch({ executablePath: chromiumPath, args: [
      '--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--enable-unsafe-swiftshader',
    ] });
  }, 900_000);
  afterAll(async () => {
    await browser?.close();
    await rm(home, { recursive: true, force: true });
  });

  async function fileOf(pathname: string): Promise<Buffer | undefined> {
    if (pathname === '/studio/model.safetensors') return model;
    const [folder, name] = pathname.startsWith('/studio/') ? ['studio', pathname.slice(8)] : ['dist', pathname.slice(1)];
    const file = join(home, folder!, name || 'index.html');
    return existsSync(file) ? readFile(file) : undefined;
  }
  async function open(address: string): Promise<Opened> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, acceptDownloads: true });
    context.setDefaultTimeout(180_000);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    await context.route('**/*', async (route) => {
      const { pathname } = new URL(route.request().url());
      const body = await fileOf(pathname);
      const contentType = types[extname(pathname) || '.html'] ?? 'application/octet-stream';
      return body ? route.fulfill({ body, contentType, headers: isolation }) : route.fulfill({ status: 404 });
    });
    await page.goto(`${origin}${address}`);
    return { context, page, troubles };
  }
  /** PNG files that the page draws: reddish or bluish ones, taller than wide. */
  const pictures = (page: Page, count: number): Promise<string[]> => page.evaluate(async (n) => {
    const blobs = Array.from({ length: n }, (_, i) => {
      const canvas = new OffscreenCanvas(40, 56);
      const context = canvas.getContext('2d')!;
      context.fillStyle = i % 2 === 0 ? 'rgb(230 25 25)' : 'rgb(25 94 230)';
      context.fillRect(0, 0, 40, 56);
      context.fillStyle = '#fff';
      context.fillRect(4 + (i * 7) % 20, 20, 12, 12);
      return canvas.convertToBlob();
    });
    return Promise.all(blobs.map(async (blob) => btoa(String.fromCharCode(...new Uint8Array(await (await blob).arrayBuffer())))));
  }, count);
  const files = (all: readonly string[]) => all.map((text, i) => ({ name: `${i}.png`, mimeType: 'image/png', buffer: Buffer.from(text, 'base64') }));
  const atStep = (page: Page, step: number) => page.waitForFunction((n) => Number(document.body.dataset['step']) >= n, step);
  const isDrawn = (page: Page) => page.waitForFunction(() => document.querySelector<HTMLElement>('#sheet')!.dataset['drawn']);
  /** Whether a line of the plot has its colour anywhere. */
  const plotShows = (page: Page): Promise<boolean> => page.locator('#plot').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) if (data[i]! === 0x6d && data[i + 1]! === 0x5e && data[i + 2]! === 0xf5) return true;
    return false;
  });
  /** The sheet's pixels as one number, of the sheet that was drawn at a step. */
  const sheetAt = async (page: Page, step: number): Promise<number> => (await page.waitForFunction((drawnAt) => {
    const canvas = document.querySelector<HTMLCanvasElement>('#sheet')!;
    if (canvas.dataset['drawn'] !== String(drawnAt)) return undefined;
    return canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, value) => (sum * 31 + value) >>> 0, 1);
  }, step)).jsonValue() as Promise<number>;
  async function pause(page: Page): Promise<void> {
    await page.locator('#pause').press('Enter');
    await page.waitForSelector('body[data-state=resting]');
  }
  async function download(page: Page): Promise<string> {
    const [made] = await Promise.all([page.waitForEvent('download'), page.locator('#download').click()]);
    const path = join(home, made.suggestedFilename());
    await made.saveAs(path);
    return path;
  }

  it("learns the user's own files, picked and dropped, with plot and attention; survives a reload; the cli and the editor open its model", async () => {
    const { context, page, troubles } = await open('/?backend=wasm');
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
    await page.setInputFiles('#files', { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no image') });
    await page.waitForSelector('#error:not([hidden])');
    await page.setInputFiles('#files', [...files(await pictures(page, 12)), { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no image') }]);
    await page.waitForFunction(() => document.querySelector('#chosen')!.textContent.startsWith('12 images: few'));
    expect(await page.locator('#chosen').textContent()).toMatch(/left out broken\.png, which this browser cannot read$/);
    const dropped = await page.evaluateHandle((all) => {
      const transfer = new DataTransfer();
      all.forEach((text, i) => transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], `${i}.png`, { type: 'image/png' })));
      return transfer;
    }, await pictures(page, 60));
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: dropped });
    await page.waitForFunction(() => document.querySelector('#chosen')!.textContent === '60 images');
    // The preview is what was decoded: the middle square of a red and of a blue picture.
    const colours = await page.locator('#preview').evaluate((canvas: HTMLCanvasElement) => [0, 32].map((x) => [...canvas.getContext('2d')!.getImageData(x, 0, 1, 1).data]));
    expect(colours).toEqual([[230, 25, 25, 255], [25, 94, 230, 255]]);

    if (screenshots) await page.locator('#demo').press('Enter');
    await page.selectOption('#size', screenshots ? '32' : '8');
    if (screenshots) await page.screenshot({ path: join(screenshots, 'setup.png') });
    await page.locator('#start').press('Enter');
    await atStep(page, 2);
    await page.waitForFunction(() => document.querySelector('#columns')!.textContent.includes('looks'));
    expect(await plotShows(page)).toBe(true);
    await atStep(page, screenshots ? Number(process.env['SPATIALGAN_STEPS'] ?? 6) : 6);
    await isDrawn(page);
    await pause(page);
    if (screenshots) await page.screenshot({ path: join(screenshots, 'page.png') });
    const pausedAt = await page.evaluate(() => Number(document.body.dataset['step']));
    const paused = await sheetAt(page, pausedAt);
    const path = await download(page);
    await page.reload();
    await page.waitForSelector('#resume:not([hidden])');
    expect(await page.evaluate(() => document.body.dataset['step'])).toBeUndefined();
    await page.locator('#resume').click();
    expect(await sheetAt(page, pausedAt)).toBe(paused);
    await atStep(page, pausedAt + 1);
    expect(await plotShows(page)).toBe(true);
    if (screenshots) {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(screenshots, 'phone.png'), fullPage: true });
    }
    expect(troubles).toEqual([]);
    await context.close();

    model = await readFile(path);
    expect(readModel(model).provenance).toMatchObject({ trainedIn: 'a browser tab' });
    const errors: string[] = [];
    const code = await runCli(['sample', '--model', path, '--seeds', '0-3', '--backend', 'wasm', '--out', join(home, 'grid.png')], { info: () => {}, warn: () => {}, error: (text) => void errors.push(text) });
    expect([code, errors]).toEqual([0, []]);
    expect((await readFile(join(home, 'grid.png'))).length).toBeGreaterThan(1000);

    const editor = await open('/studio/');
    await editor.page.locator('.stage[data-current=true][data-status=idle]').waitFor();
    const greys = await editor.page.locator('canvas[data-image=edited]').evaluate((canvas: HTMLCanvasElement) =>
      new Set(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 1)).size);
    expect(greys).toBeGreaterThan(8);
    expect(await editor.page.locator('.handle[data-level="0"]').count()).toBe(1);
    expect(editor.troubles).toEqual([]);
    await editor.context.close();
  }, 600_000);

  it('trains on WebGPU', async () => {
    const { context, page, troubles } = await open('/?backend=webgpu');
    // In software, which compiles each shader for seconds.
    page.setDefaultTimeout(540_000);
    await page.locator('#demo').press('Enter');
    await page.selectOption('#size', '8');
    await page.locator('#start').press('Enter');
    await atStep(page, 2);
    await isDrawn(page);
    expect(await page.locator('#backend').textContent()).toBe('webgpu');
    expect(await plotShows(page)).toBe(true);
    await pause(page);
    const { G } = readModel(await readFile(await download(page)));
    for (const { data } of G.values()) expect((data as Float32Array).every(Number.isFinite)).toBe(true);
    expect(await page.locator('#error').isHidden()).toBe(true);
    expect(troubles).toEqual([]);
    await context.close();
  }, 600_000);
});
