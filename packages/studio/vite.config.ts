import { defineConfig } from 'vite';
import { serviceWorkerPlugin } from './src/offline/serviceWorkerPlugin.js';

const conditions = ['spatialgan-source', 'module', 'browser', 'development|production'];

// Relative URLs throughout: the page works in any folder of any server.
export default defineConfig({
  base: './',
  resolve: { conditions, dedupe: ['@tensorflow/tfjs-core'] },
  plugins: [serviceWorkerPlugin()],
  worker: { format: 'es' },
  build: { outDir: 'dist', target: 'es2022', sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 3000 },
});
