import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRng } from '@spatialgan/core';
import { buildModel, readModel } from '@spatialgan/model';
import { exportGenerator, regionNumbers } from '@spatialgan/model/onnx';

const runtime = dirname(fileURLToPath(import.meta.resolve('onnxruntime-web/wasm')));
const runtimeFiles = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

/** What the page knows of a model beside the graph. */
export interface PageStart {
  readonly zDim: number;
  readonly side: number;
  /** A layout drawn by the model's sampler, in the numbers of the graph's input. */
  readonly regions: readonly number[];
}

/** Writes all that the page fetches, beside its own files: faces.onnx, start.json and onnxruntime-web. */
export async function writePage(modelFile: string, folder: string): Promise<PageStart> {
  const stored = readModel(await readFile(modelFile));
  const { generator, sampler } = buildModel(stored.config);
  const start = { zDim: generator.zDim, side: generator.imgResolution, regions: [...regionNumbers(sampler.sample(createRng(5)))] };
  await mkdir(join(folder, 'ort'), { recursive: true });
  await writeFile(join(folder, 'faces.onnx'), exportGenerator(stored));
  await writeFile(join(folder, 'start.json'), JSON.stringify(start));
  for (const file of runtimeFiles) await cp(join(runtime, file), join(folder, 'ort', file));
  return start;
}
