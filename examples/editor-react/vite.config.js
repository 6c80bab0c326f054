import { defineConfig } from 'vite';

export default defineConfig({ base: './', esbuild: { jsx: 'automatic' }, worker: { format: 'es' }, build: { target: 'es2022', chunkSizeWarningLimit: 3000 } });
