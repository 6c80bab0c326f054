import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Starts a script of this folder in a thread, built or as source: tsx does not reach into threads by itself. */
export function startThread(script: string, workerData: unknown): Worker {
  const built = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  if (existsSync(built)) return new Worker(built, { workerData });
  const source = JSON.stringify(new URL(`./${script}.ts`, import.meta.url).href);
  return new Worker(`import('tsx/esm/api').then(({ register }) => (register(), import(${source})));`, { eval: true, workerData, execArgv: ['--conditions=spatialgan-source'] });
}
