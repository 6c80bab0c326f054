import { createServer } from 'node:http';
import { cp, mkdtemp, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { writePage } from './writePage.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const model = [here('../../../models/avatars/model.safetensors'), here('../../models/avatars/model.safetensors')].find(existsSync);
if (!model) throw new Error('onnx-page: no bundled model; run it inside the repository');

await createRuntime({ prefer: [wasm()] });
const folder = await mkdtemp(join(tmpdir(), 'spatialgan-onnx-page-'));
const { regions, zDim } = await writePage(model, folder);

// The graph runs in Node just as well.
env.wasm.numThreads = 1;
const session = await InferenceSession.create(await readFile(join(folder, 'faces.onnx')));
const { image } = await session.run({
  z: new Tensor('float32', new Float32Array(zDim), [1, zDim]), psi: new Tensor('float32', [1], [1]),
  regions: new Tensor('float32', Float32Array.from(regions), [1, regions.length / 6, 6]),
});
console.log(`faces.onnx: ${session.inputNames.join(', ')} → image [${image!.dims.join()}]`);

if (process.argv.includes('--serve')) {
  await cp(here('../page'), folder, { recursive: true });
  const types: Readonly<Record<string, string>> = {
    '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm',
  };
  createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = join(folder, path === '/' ? 'index.html' : path);
    void readFile(file).then(
      (bytes) => response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' }).end(bytes),
      () => response.writeHead(404).end(),
    );
  }).listen(8650, '127.0.0.1', () => console.log('http://127.0.0.1:8650/  (Ctrl-C ends)'));
}
