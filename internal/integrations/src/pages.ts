import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

export const executablePath = process.env['SPATIALGAN_CHROMIUM'] ?? '/usr/bin/chromium';
/** Why nothing runs in a page here; undefined where it does. */
export const noChromium = existsSync(executablePath) ? undefined : `no Chromium at ${executablePath}`;
export const launchOptions = { executablePath, args: ['--no-sandbox', '--disable-gpu'] };

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.safetensors': 'application/octet-stream',
};

export interface OpenPage {
  readonly page: Page;
  /** Errors of the page and requests for what is not served. */
  readonly failures: string[];
  /** What the page logs, as a terminal shows it. */
  readonly logged: string[];
}

/**
 * Opens a folder's page at a made-up origin; no request leaves it.
 *
 * @param served a file or a text for paths that are not in the folder; undefined for those that are.
 */
export async function openPage(browser: Browser, folder: string, served: (pathname: string) => { readonly file: string } | { readonly text: string } | undefined = () => undefined): Promise<OpenPage> {
  const [failures, logged]: [string[], string[]] = [[], []];
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.on('pageerror', (error) => failures.push(String(error)));
  page.on('console', (message) => void (message.type() === 'error' ? failures : logged).push(message.text()));
  await page.route('**/*', (route) => {
    const { hostname, pathname } = new URL(route.request().url());
    if (pathname === '/favicon.ico') return route.fulfill({ status: 204 });
    const given = served(pathname);
    if (given && 'text' in given) return route.fulfill({ contentType: types[extname(pathname)] ?? 'text/html', body: given.text });
    const file = given?.file ?? join(folder, pathname === '/' ? 'index.html' : pathname);
    if (hostname !== 'app.test' || !existsSync(file)) return (failures.push(`asked for ${route.request().url()}`), route.abort());
    return route.fulfill({ contentType: types[extname(file)] ?? 'text/plain', body: readFileSync(file) });
  });
  await page.goto('http://app.test/');
  return { page, failures, logged };
}
