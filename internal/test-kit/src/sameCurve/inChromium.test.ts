import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { it } from 'vitest';
import type { Curve } from '../curveDifference.js';
import { expectSame, LIMIT, onWasm, STEPS } from './expectSame.js';

const chromiumPath = process.env['SPATIALGAN_CHROMIUM'] ?? '/usr/bin/chromium';
const wasmFiles = join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');

/** The page's script with everything in it, from the sources. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))], bundle: true, format: 'esm', platform: 'browser', write: false,
    conditions: ['spatialgan-source'], external: ['node:*', 'webgpu', 'fs', 'path', 'worker_threads', 'perf_hooks', 'os', 'util', 'crypto'], logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

async function curveInChromium(browser: Browser, name: 'wasm' | 'webgpu', script: string): Promise<Curve> {
  const page = await browser.newPage();
  page.setDefaultTimeout(LIMIT);
  await page.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: '<!doctype html><script type="module" src="/page.js"></script>' });
    if (pathname === '/page.js') return route.fulfill({ contentType: 'text/javascript', body: script });
    if (pathname.startsWith('/wasm/')) return route.fulfill({ contentType: 'application/wasm', body: await readFile(join(wasmFiles, pathname.slice(6))) });
    return route.fulfill({ status: 404 });
  });
  // WebGPU is only there on origins that are trusted, as this one is.
  await page.goto('http://localhost:1/');
  await page.waitForFunction(() => 'runCurve' in globalThis);
  const curve = await page.evaluate(([backend, steps]) => (globalThis as unknown as { runCurve(b: string, n: number): Promise<Curve> }).runCurve(backend, steps), [name, STEPS] as const);
  await page.close();
  return curve;
}

it.skipIf(!existsSync(chromiumPath))('in Chromium, on wasm and on WebGPU', async () => {
  const [expected, script] = [await onWasm(), await bundle()];
  const browser = await chromium.launch({ executablePath: chromiumPath, args: [
    '--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--enable-unsafe-swiftshader',
  ] });
  try {
    expectSame('wasm in Chromium', await curveInChromium(browser, 'wasm', script), expected);
    expectSame('WebGPU in Chromium', await curveInChromium(browser, 'webgpu', script), expected);
  } finally {
    await browser.close();
  }
}, LIMIT);
