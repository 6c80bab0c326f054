import { defineConfig } from 'vite';

// Inside the repository packages are read as sources; installed ones have no such condition.
const conditions = ['spatialgan-source', 'module', 'browser', 'development|production'];

export default defineConfig({
  base: './',
  resolve: { conditions, dedupe: ['@tensorflow/tfjs-core'] },
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 3000 },
});
