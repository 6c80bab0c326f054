import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build, type Rollup } from 'vite';

export const chromiumPath = process.env['SPATIALGAN_CHROMIUM'] ?? '/usr/bin/chromium';
/** Why browser tests cannot run here, if so. */
export const noChromium: string | undefined = existsSync(chromiumPath)
  ? undefined
  : `no Chromium at ${chromiumPath}; install it or set SPATIALGAN_CHROMIUM`;

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });

/** One script of a TypeScript entry beside this file. */
export async function bundle(entry: string): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
    resolve: { conditions: ['spatialgan-source', 'module', 'browser'] },
    build: { write: false, minify: false, lib: { entry: fileURLToPath(new URL(entry, import.meta.url)), formats: ['es'], fileName: 'page' } },
  })) as Rollup.RollupOutput[];
  return result[0]!.output[0].code;
}

const html = (body: string): string =>
  `<!doctype html><html lang="en"><title>Editor</title><meta name="viewport" content="width=device-width"><style>html{color-scheme:light dark}html,body{margin:0;height:100%}</style>${body}</html>`;

/** A page of one script, served at a made-up origin without any server. */
export async function openPage(browser: Browser, script: string, options: { readonly width: number; readonly height: number; readonly query?: string; readonly dark?: boolean; readonly touch?: boolean }): Promise<Page> {
  const { width, height, query = '', dark = false, touch = false } = options;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', hasTouch: touch, reducedMotion: 'reduce' });
  await page.route('http://sdk.test/**', (route) =>
    route.request().url().endsWith('page.js')
      ? route.fulfill({ contentType: 'text/javascript', body: script })
      : route.fulfill({ contentType: 'text/html', body: html('<header style="position:absolute;clip-path:inset(50%)"><h1>Editor</h1></header><main id="editor" style="height:100%"></main><script type="module" src="/page.js"></script>') }),
  );
  await page.goto(`http://sdk.test/${query}`);
  return page;
}
