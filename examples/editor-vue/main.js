import { createWorkerRuntime } from '@spatialgan/model/worker-client';
import { createApp } from 'vue';
import App from './App.vue';

const bytes = await fetch('./model.safetensors').then((response) => response.arrayBuffer());
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
createApp(App, { runtime: await createWorkerRuntime(worker, { bytes }) }).mount('#app');
