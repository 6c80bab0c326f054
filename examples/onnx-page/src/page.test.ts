import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wasm } from '@spatialgan/backends/wasm';
import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { writePage } from './writePage.js';

const chromiumPath = process.env['SPATIALGAN_CHROMIUM'] ?? '/usr/bin/chromium';
const bundled = fileURLToPath(new URL('../../../models/avatars/model.safetensors', import.meta.url));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm',
};

/** Centre of mass, left to right, of what differs from the corner's colour. */
const centerOf = (pixels: readonly number[], side: number): number => {
  let [weight, sum] = [0, 0];
  for (let i = 0; i < side * side; i++) {
    const difference = [0, 1, 2].reduce((total, c) => total + Math.abs(pixels[4 * i + c]! - pixels[c]!), 0);
    if (difference < 90) continue;
    weight += difference;
    sum += difference * (i % side);
  }
  return sum / weight / side;
};

it.skipIf(!existsSync(chromiumPath))('shows the generator in Chromium, and the face follows the pointer and the arrow keys', async () => {
  await wasm().activate();
  const folder = await mkdtemp(join(tmpdir(), 'spatialgan-onnx-page-'));
  await cp(fileURLToPath(new URL('../page', import.meta.url)), folder, { recursive: true });
  const { side } = await writePage(bundled, folder);
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    await page.route('**/*', async (route) => {
      const path = new URL(route.request().url()).pathname;
      const file = join(folder, path === '/' ? 'index.html' : path);
      if (!existsSync(file)) return route.fulfill({ status: 404 });
      return route.fulfill({ body: await readFile(file), contentType: types[extname(file)] ?? 'application/octet-stream' });
    });
    await page.goto('http://127.0.0.1:1/');
    await page.waitForSelector('body[data-ready=true]', { timeout: 30_000 });
    const box = (await page.locator('#image').boundingBox())!;
    const centerAfterDragTo = async (share: number): Promise<number> => {
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * share, box.y + box.height / 2, { steps: 5 });
      await page.mouse.up();
      await page.waitForFunction((x) => Math.abs(Number(document.querySelector<HTMLElement>('#image')!.dataset['x']) - x) < 0.01, share);
      await page.waitForTimeout(400);
      const pixels = await page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('#image')!;
        return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
      });
      return centerOf(pixels, side);
    };
    const [left, right] = [await centerAfterDragTo(0.3), await centerAfterDragTo(0.7)];
    expect(right - left).toBeGreaterThan(0.2);
    await page.locator('#image').press('ArrowLeft');
    await page.waitForFunction(() => Math.abs(Number(document.querySelector<HTMLElement>('#image')!.dataset['x']) - 0.65) < 0.01);
    expect(troubles).toEqual([]);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
});
