import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Plugin, transformWithEsbuild } from 'vite';

/** Writes `sw.js` beside the page: the service worker with the names of all built files, which carry their hashes, and a version that follows from them. */
export function serviceWorkerPlugin(): Plugin {
  return {
    name: 'spatialgan-service-worker',
    apply: 'build',
    // Not vite's PROD: that follows NODE_ENV, which test runners set.
    config: () => ({ define: { 'import.meta.env.HAS_SERVICE_WORKER': 'true' } }),
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const files = Object.keys(bundle).filter((name) => name.startsWith('assets/')).sort();
        const page = bundle['index.html'];
        const html = page?.type === 'asset' ? String(page.source) : '';
        const version = createHash('sha256').update(JSON.stringify([files, html])).digest('hex').slice(0, 16);
        const path = fileURLToPath(new URL('./serviceWorker.ts', import.meta.url));
        const { code } = await transformWithEsbuild(await readFile(path, 'utf8'), path, { minify: true, target: 'es2022', define: { VERSION: JSON.stringify(version), FILES: JSON.stringify(files) } });
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: code });
      },
    },
  };
}
