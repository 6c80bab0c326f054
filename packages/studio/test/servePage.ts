import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', wasm: 'application/wasm',
};

/** As `spatialgan edit` sends. */
const CSP =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; worker-src 'self' blob:; connect-src 'self' https:; media-src blob:; object-src 'none'";
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
/** Headers of the page's files. */
export const headersOf = (path: string, isolated: boolean): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': CSP, 'Content-Type': TYPES[path.split('.').pop() ?? ''] ?? 'application/octet-stream', ...(isolated ? ISOLATION : {}),
});

export interface PageOptions {
  readonly width: number;
  readonly height: number;
  readonly model?: Uint8Array | undefined;
  readonly dark?: boolean;
  readonly touch?: boolean;
  /** What follows the page's address: a query, a fragment. */
  readonly address?: string;
  /** Files of other origins, by their whole address; a function may refuse. */
  readonly elsewhere?: Readonly<Record<string, () => Uint8Array | undefined>>;
  /** Nothing moves or fades (`prefers-reduced-motion`), so that what is looked at is what stays. Default false. */
  readonly still?: boolean;
  /** With the headers of `spatialgan edit` that let wasm use threads. Default false. */
  readonly isolated?: boolean;
  /** Runs in the page before its own scripts. */
  readonly before?: () => void;
}
export interface OpenedPage {
  readonly page: Page;
  /** Uncaught errors, failed requests and requests to anywhere else. */
  readonly troubles: string[];
}

/** Opens the built page at a made-up origin, under the content security policy of `spatialgan edit`. */
export async function openStudio(browser: Browser, folder: string, { width, height, model, dark = false, touch = false, address = '', elsewhere = {}, isolated = false, still = false, before }: PageOptions): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', hasTouch: touch, reducedMotion: still ? 'reduce' : 'no-preference', serviceWorkers: 'block' });
  const page = await context.newPage();
  const troubles: string[] = [];
  if (before) await context.addInitScript(before);
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && !(message.text().includes('404') && !model) && troubles.push(message.text()));
  await context.route('**/*', async (route) => {
    const { origin, pathname, href } = new URL(route.request().url());
    if (href in elsewhere) {
      const body = elsewhere[href]!();
      return body ? route.fulfill({ body: Buffer.from(body), headers: { 'Access-Control-Allow-Origin': '*', ETag: '"1"' } }) : route.abort();
    }
    if (origin !== 'http://127.0.0.1:1') return troubles.push(`request to ${origin}`), route.abort();
    if (pathname === '/app/model.safetensors') {
      return model ? route.fulfill({ contentType: 'application/octet-stream', body: Buffer.from(model) }) : route.fulfill({ status: 404 });
    }
    const path = join(folder, pathname === '/app/' ? 'index.html' : pathname.replace('/app/', ''));
    if (!existsSync(path)) return troubles.push(`no file ${pathname}`), route.fulfill({ status: 404 });
    return route.fulfill({ headers: headersOf(path, isolated), body: await readFile(path) });
  });
  await page.goto(`http://127.0.0.1:1/app/${address}`);
  return { page, troubles };
}
