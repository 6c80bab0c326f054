import { defineConfig } from 'vite';

// Inside the repository packages are read as sources; installed ones have no such condition.
const conditions = ['spatialgan-source', 'module', 'browser', 'development|production'];

// Pages that are cross-origin isolated may share memory: wasm then computes on all cores.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  base: './',
  resolve: { conditions, dedupe: ['@tensorflow/tfjs-core'] },
  server: { headers },
  preview: { headers },
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 3000 },
});
