import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { engine } from '@tensorflow/tfjs-core';
import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { type GaussianRegion, type ModelRuntime, type ProjectionProgress, regionsOf, type RgbaImage } from '@spatialgan/schema';
import { beforeAll, expect, it } from 'vitest';
import { createHttpRuntime, createRuntimeHandler } from '../http/index.js';
import { tinyModel } from '../../test/tinyModel.js';
import { createLocalRuntime, readModel } from '../index.js';

let runtime: ModelRuntime;
let photo: RgbaImage;
beforeAll(async () => {
  await createRuntime({ prefer: [wasm()] });
  runtime = createLocalRuntime(readModel(readFileSync(fileURLToPath(new URL('../../../../models/avatars/model.safetensors', import.meta.url)))));
  photo = await runtime.synthesize({ layout: await runtime.sampleLayout(3), latent: { kind: 'seed', seed: 3 }, truncationPsi: 0.7 });
});
/** In decibels, over red, green and blue of 8 bits. */
function psnr(a: RgbaImage, b: RgbaImage): number {
  const squares = a.pixels.reduce((sum, value, i) => sum + (i % 4 === 3 ? 0 : (value - b.pixels[i]!) ** 2), 0);
  return 10 * Math.log10(255 ** 2 / (squares / (0.75 * a.pixels.length)));
}

// 200 steps gave 39.0, 35.6 and 41.8 dB on three images of the model; 50 gave 30 dB on this one (18.8 at the start).
it('recovers an image of the model to at least 27 dB in 50 steps, as a document that gives the same pixels', { timeout: 120_000 }, async () => {
  const before = engine().state.numTensors;
  const seen: ProjectionProgress[] = [];
  const found = await runtime.project!(photo, { steps: 50, onProgress: (progress) => seen.push(progress) });
  expect(engine().state.numTensors).toBe(before);
  expect([seen.length, seen.at(-1)!.step, seen.filter(({ image }) => image).length]).toEqual([50, 50, 5]);
  expect(psnr(found.image, photo)).toBeGreaterThan(27);
  // Of float32 sums: half an ulp at 33 dB is 2e-6.
  expect(found.psnr).toBeCloseTo(psnr(found.image, photo), 4);
  expect(found.psnr).toBeGreaterThan(seen[0]!.psnr + 5);
  expect((await runtime.synthesize(found.request)).pixels).toEqual(found.image.pixels);
  expect(found.request.latent.kind).toBe('ws');
});

it('moves every region by its gradient', { timeout: 60_000 }, async () => {
  const [start, found] = [await runtime.project!(photo, { steps: 1 }), await runtime.project!(photo, { steps: 4 })];
  const [before, after] = [start, found].map(({ request }) => regionsOf(request.layout) as GaussianRegion[]) as [GaussianRegion[], GaussianRegion[]];
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  after.forEach(({ center, covariance }, i) => {
    expect(Math.hypot(center.x - before[i]!.center.x, center.y - before[i]!.center.y)).toBeGreaterThan(1e-4);
    expect(covariance.some((value, k) => Math.abs(value - before[i]!.covariance[k]!) > 1e-5)).toBe(true);
  });
});

it('goes over HTTP with its progress, and stops there when it is aborted', { timeout: 60_000 }, async () => {
  const handle = createRuntimeHandler(runtime);
  const client = await createHttpRuntime('http://model.test', { fetch: (url, init) => handle(new Request(url as URL, init)) });
  const seen: ProjectionProgress[] = [];
  const [here, there] = [await runtime.project!(photo, { steps: 2 }), await client.project!(photo, { steps: 2, onProgress: (progress) => seen.push(progress) })];
  expect(there).toEqual(here);
  expect(seen.map(({ step, image }) => [step, image?.width])).toEqual([[1, 32], [2, undefined]]);
  const before = engine().state.numTensors;
  const controller = new AbortController();
  const aborted = client.project!(photo, { steps: 1000, signal: controller.signal, onProgress: () => controller.abort() });
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
  await expect.poll(() => engine().state.numTensors).toBe(before);
});

it('finds the class of a conditional model, too, and gives it with the document', { timeout: 60_000 }, async () => {
  const conditional = createLocalRuntime(await tinyModel(3));
  const before = engine().state.numTensors;
  const layout = await conditional.sampleLayout(3);
  const own = await conditional.synthesize({ layout, latent: { kind: 'seed', seed: 3 }, label: [0, 0, 1] });
  const found = await conditional.project!(own, { steps: 2 });
  expect([...found.request.label!].sort()).toEqual([0, 0, 1]);
  expect((await conditional.synthesize(found.request)).pixels).toEqual(found.image.pixels);
  await conditional.dispose();
  expect(engine().state.numTensors).toBeLessThan(before);
});

it('says which size a photo must have', async () => {
  await expect(runtime.project!({ pixels: new Uint8ClampedArray(4), width: 1, height: 1 })).rejects.toMatchObject({ code: 'SHAPE', message: 'project: expected a photo of 32×32, got 1×1; crop and scale it' });
});
