import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { chromiumPath } from './servePage.js';

/** Where the tests find the page that they build anew. */
export const pageFolder = fileURLToPath(new URL('../node_modules/.cache/page', import.meta.url));

/** Builds the page once for all test files. */
export async function setup(): Promise<void> {
  if (!existsSync(chromiumPath)) return;
  await build({
    root: fileURLToPath(new URL('..', import.meta.url)), configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)), logLevel: 'error',
    build: { outDir: pageFolder, emptyOutDir: true },
  });
}
