import '@tensorflow/tfjs-backend-wasm';
import { memory, ready, setBackend, tensor1d, tensor2d, tensor3d, type Tensor } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, flattenParams, vjp } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveMappingConfig } from './generatorConfig.js';
import { broadcastWs, initMapping, mapping, type MappingParams, trackWAvg, truncate } from './mapping.js';

beforeAll(async () => {
  await setBackend('wasm');
  await ready();
  registerGradients();
});

const values = (x: Tensor): number[] => [...x.dataSync()];
const expectClose = (x: Tensor, expected: readonly number[]): void =>
  values(x).forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 5));

describe('mapping', () => {
  it('is, in one layer, lrelu of the normalized code times the scaled weights', () => {
    const config = resolveMappingConfig({ zDim: 2, cDim: 0, wDim: 2, wAvgBeta: null }, { numLayers: 1 });
    const fc0 = { weight: tensor2d([[100, 0], [0, 200]]), bias: tensor1d([0, -300]) };
    // z/rms = [0.6, 0.8]·√2; weights ×0.01/√2, bias ×0.01: [0.6, 1.6 − 3]; lrelu gain √2, slope 0.2.
    const w = mapping({ fc0 }, { z: tensor2d([[3, 4]]) }, config);
    expectClose(w, [0.6 * Math.SQRT2, -1.4 * 0.2 * Math.SQRT2]);
  });

  it('does not see the length of z', () => {
    const config = resolveMappingConfig({ zDim: 4, cDim: 0, wDim: 3, wAvgBeta: 0.995 });
    const params = initMapping(createRng(1), config);
    const z = tensor2d([[1, -2, 0.5, 3]]);
    expectClose(mapping(params, { z }, config), values(mapping(params, { z: tensor2d([[2, -4, 1, 6]]) }, config)));
  });

  it('has fc0 … fcN of the asked widths, an embedding only with labels, a mean only when tracked', () => {
    const shapes = (params: MappingParams): Record<string, number[]> =>
      Object.fromEntries([...flattenParams(params)].map(([path, leaf]) => [path, leaf.shape]));
    const conditional = resolveMappingConfig(
      { zDim: 4, cDim: 5, wDim: 3, wAvgBeta: 0.9 }, { numLayers: 3, embedFeatures: 6, layerFeatures: 7 });
    expect(shapes(initMapping(createRng(0), conditional))).toEqual({
      'embed.weight': [5, 6], 'embed.bias': [6], 'fc0.weight': [10, 7], 'fc0.bias': [7], 'fc1.weight': [7, 7], 'fc1.bias': [7],
      'fc2.weight': [7, 3], 'fc2.bias': [3], wAvg: [3],
    });
    const labelsOnly = resolveMappingConfig({ zDim: 0, cDim: 5, wDim: 3, wAvgBeta: null }, { numLayers: 1 });
    expect(Object.keys(shapes(initMapping(createRng(0), labelsOnly)))).toEqual(['embed.weight', 'embed.bias', 'fc0.weight', 'fc0.bias']);
  });

  it('refuses missing labels and codes of the wrong size', () => {
    const config = resolveMappingConfig({ zDim: 2, cDim: 5, wDim: 2, wAvgBeta: null }, { numLayers: 1 });
    const params = initMapping(createRng(0), config);
    expect(() => mapping(params, { z: tensor2d([[1, 2]]) }, config)).toThrow(/needs labels c \[N,5\]/);
    expect(() => mapping(params, { z: tensor2d([[1, 2, 3]]) }, config)).toThrow(/mapping: z: expected \[N,2\], got \[1,3\]/);
  });

  it('leaves nothing but its result', () => {
    const config = resolveMappingConfig({ zDim: 4, cDim: 3, wDim: 3, wAvgBeta: 0.995 });
    const params = initMapping(createRng(1), config);
    const [z, c] = [tensor2d([[1, 2, 3, 4]]), tensor2d([[0, 1, 0]])];
    const before = memory().numTensors;
    const w = mapping(params, { z, c }, config);
    const ws = broadcastWs(w, 3, { wAvg: params.wAvg, truncationPsi: 0.5, truncationCutoff: 2 });
    const mean = trackWAvg(params.wAvg!, ws, 0.9);
    expect(memory().numTensors).toBe(before + 3);
    for (const t of [w, ws, mean]) t.dispose();
    disposeParams(params);
  });
});

describe('truncation', () => {
  const w = (): ReturnType<typeof tensor2d> => tensor2d([[1, 3], [5, 7]]);
  const wAvg = (): ReturnType<typeof tensor1d> => tensor1d([1, -1]);

  it('gives the mean code at ψ 0, the code itself at ψ 1 and the middle at ½', () => {
    expect(values(truncate(w(), wAvg(), 0))).toEqual([1, -1, 1, -1]);
    expect(values(truncate(w(), wAvg(), 0.5))).toEqual([1, 1, 3, 3]);
    expect(values(broadcastWs(w(), 2, { truncationPsi: 1 }))).toEqual([1, 3, 1, 3, 5, 7, 5, 7]);
  });

  it('touches only the ws before the cutoff', () => {
    const cut = (truncationCutoff: number): number[] =>
      values(broadcastWs(tensor2d([[5, 7]]), 3, { wAvg: wAvg(), truncationPsi: 0, truncationCutoff }));
    expect(cut(0)).toEqual([5, 7, 5, 7, 5, 7]);
    expect(cut(2)).toEqual([1, -1, 1, -1, 5, 7]);
    expect(cut(99)).toEqual([1, -1, 1, -1, 1, -1]);
    expect(() => cut(-1)).toThrow(/truncationCutoff must be ≥ 0/);
  });

  it('needs a tracked mean', () => {
    expect(() => broadcastWs(w(), 2, { truncationPsi: 0.7 })).toThrow(/tracked mean/);
  });

  it('adds the gradients of all copies', () => {
    const code = w();
    const dy = tensor3d(Array.from({ length: 12 }, (_, i) => i), [2, 3, 2]);
    const { grads } = vjp(() => broadcastWs(code, 3), [code], dy);
    expectClose(grads[0]!, [0 + 2 + 4, 1 + 3 + 5, 6 + 8 + 10, 7 + 9 + 11]);
  });
});

describe('trackWAvg', () => {
  it('moves the mean towards the batch mean of the first ws', () => {
    const ws = tensor3d([[[1, 2], [100, 100]], [[3, 6], [100, 100]]]);
    expectClose(trackWAvg(tensor1d([10, 0]), ws, 0.75), [0.25 * 2 + 7.5, 0.25 * 4]);
  });
});
