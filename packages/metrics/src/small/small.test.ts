import '@tensorflow/tfjs-backend-wasm';
import { engine, setBackend, tensor4d, type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeModel } from '@spatialgan/checkpoint';
import { createRng, type ParamData, type Rng } from '@spatialgan/core';
import { collectFeatures } from '../collectFeatures.js';
import { type createFeatureStatistics } from '../featureStatistics.js';
import { frechetDistance } from '../frechetDistance.js';
import type { ImageSource } from '../imageSource.js';
import { openSmallExtractor } from '../openSmallExtractor.js';
import { smallExtractor } from './smallExtractor.js';
import { smallShapes } from './smallNetwork.js';

beforeAll(async () => {
  await setBackend('wasm');
});

const weights = (): Map<string, ParamData> => new Map([...smallShapes(), ['scale', [128]] as const].map(([path, shape]): [string, ParamData] =>
  [path, { shape, data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(i * 1.7) * 0.1) }]));

/** Discs of one color at random places on a soft background, with some noise where asked for. */
function discs(count: number, seed: number, noise = 0): ImageSource {
  const side = 32;
  const draw = (rng: Rng): Uint8Array => {
    const [x, y, r] = [10 + 12 * rng.uniform(), 10 + 12 * rng.uniform(), 6 + 3 * rng.uniform()];
    const colors = [0, 1].map(() => [0, 1, 2].map(() => 60 + 180 * rng.uniform()));
    return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
      const [px, py] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
      const inside = (px - x) ** 2 + (py - y) ** 2 < r * r ? 1 : 0;
      return Math.min(255, Math.max(0, colors[inside]![i % 3]! + noise * rng.normal()));
    });
  };
  return {
    name: 'discs', length: count, seed, cacheable: false,
    read: async (indices) => indices.map((i) => ({ data: draw(createRng(seed).split(`${i}`)), width: side, height: side, channels: 3 })),
  };
}

describe('the small extractor', () => {
  it('comes with the package, is one of our own, and FID of it rises with noise', async () => {
    const before = engine().state.numTensors;
    const extractor = await openSmallExtractor();
    expect(extractor).toMatchObject({ info: { name: 'spatialgan-small', dims: 128, published: false }, size: 64, resize: 'bicubic' });
    const statistics = async (source: ImageSource): Promise<ReturnType<ReturnType<typeof createFeatureStatistics>['result']>> =>
      (await collectFeatures({ source, indices: Array.from({ length: 60 }, (_, i) => i), extractor, needs: { statistics: true } })).statistics!;
    const real = await statistics(discs(60, 1));
    const fids: number[] = [];
    for (const noise of [0, 10, 40]) fids.push(frechetDistance(real, await statistics(discs(60, 2, noise))));
    expect(fids[1]).toBeGreaterThan(fids[0]!);
    expect(fids[2]).toBeGreaterThan(fids[1]! * 1.5);
    extractor.dispose();
    expect(engine().state.numTensors).toBe(before);
  }, 30_000);

  it('is told apart by its weights, and scales each dim', async () => {
    const [one, other] = [weights(), weights()];
    other.set('scale', { shape: [128], data: Float32Array.from(one.get('scale')!.data, (s) => 2 * s) });
    const [a, b] = await Promise.all([one, other].map((params) => smallExtractor(encodeModel({ config: {}, params }))));
    expect(a!.info.version).not.toBe(b!.info.version);
    const images = tensor4d(Float32Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 37) % 256), [1, 64, 64, 3]) as Tensor4D;
    const [x, y] = [a!, b!].map((extractor) => [...extractor.extract(images).features.dataSync()]);
    expect(x!.some((value) => value !== 0)).toBe(true);
    x!.forEach((value, i) => expect(y![i]).toBeCloseTo(2 * value, 6));
  });

  it('names what a file of another network lacks', async () => {
    const params = weights();
    params.delete('same8.filter');
    await expect(smallExtractor(encodeModel({ config: {}, params }))).rejects.toThrow(/expected same8\.filter of shape \[3,3,96,96\], got none/);
    params.set('same8.filter', { shape: [1], data: new Float32Array(1) });
    await expect(smallExtractor(encodeModel({ config: {}, params }))).rejects.toMatchObject({ code: 'CHECKPOINT' });
  });
});
