import { beforeAll, describe, expect, it } from 'vitest';
import { engine, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import {
  CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, conv2d, convTranspose2d, plainConv2d, plainFilterGrad, plainInputGrad, replaceKernel,
} from '@spatialgan/ops';
import { activateBoth, expectAlike, noWebgpu } from '@spatialgan-internal/test-kit/gpuAlike';
import { currentBackend } from '../activateTfjs.js';
import { splitsFor, tileFor } from './convTiles.js';
import type { TfjsGpuBackend } from './gpuTypes.js';
import { registerGpuKernels } from './registerKernels.js';
import { foldGroups } from './grid.js';

const run = (name: string, inputs: Record<string, Tensor>, attrs: object): Tensor => engine().runKernel(name, inputs as never, attrs as never);

const rethrow = (error: Error): never => {
  throw error;
};

// [N, H, W, I, O, kernel, stride, padding]: each tile, vectors and single channels, all edges.
const convs = [
  [2, 8, 8, 16, 20, 3, 1, [1, 1, 1, 1]], [2, 9, 7, 3, 5, 3, 2, [1, 0, 2, 1]], [1, 8, 8, 24, 1, 3, 1, [1, 1, 1, 1]],
  [2, 5, 5, 3, 32, 1, 1, [0, 0, 0, 0]], [2, 6, 6, 13, 9, 1, 2, [0, 0, 0, 0]], [2, 9, 9, 20, 12, 3, 2, [0, 0, 0, 0]],
  [2, 4, 4, 65, 68, 3, 1, [1, 1, 1, 1]], [2, 8, 8, 1, 7, 4, 3, [3, 1, 0, 2]], [2, 8, 8, 8, 4, 3, 1, [1, 1, 1, 1]],
  [1, 4, 4, 68, 68, 3, 1, [1, 1, 1, 1]], [1, 3, 3, 300, 8, 1, 1, [0, 0, 0, 0]], [3, 12, 12, 8, 2, 3, 1, [1, 1, 1, 1]],
  [1, 5, 5, 4, 4, 2, 4, [0, 0, 0, 0]],
] as const;

// A software adapter has a small tile of its own; a GPU's tiles compute right on it too.
for (const software of [true, false]) {
  describe.skipIf(noWebgpu !== null)(`the convolution kernels on webgpu, tiles of a ${software ? 'software adapter' : 'GPU'}`, { timeout: 120_000 }, () => {
  beforeAll(async () => {
    await activateBoth();
    await registerGpuKernels(currentBackend<TfjsGpuBackend>(), { software, warm: false, onKernelError: rethrow });
    for (const [kernelName, plain] of [[CONV2D, plainConv2d], [CONV2D_INPUT_GRAD, plainInputGrad], [CONV2D_FILTER_GRAD, plainFilterGrad]] as const) {
      replaceKernel({ kernelName, backendName: 'cpu', kernelFunc: ({ inputs, attrs }) => tidy(() => plain(inputs as never, attrs as never)) });
    }
  }, 120_000);

  // Of a GPU's tiles, which take SwiftShader a second each to compile, every one once.
  for (const [N, H, W, I, O, k, stride, padding] of software ? convs : [0, 1, 2, 5, 9].map((i) => convs[i]!)) {
    const attrs = { stride, padding };
    const h = Math.floor((H + padding[0] + padding[1] - k) / stride) + 1;
    const w = Math.floor((W + padding[2] + padding[3] - k) / stride) + 1;
    const [x, f, dy] = [[N, H, W, I], [k, k, I, O], [N, h, w, O]] as const;
    it(`agree with the plain forms: ${x.join('×')} * ${f.join('×')}, stride ${stride}, padding ${padding.join()}`, async () => {
      await expectAlike([x, f], (a, b) => [run(CONV2D, { x: a!, filter: b! }, attrs)]);
      await expectAlike([dy, f], (a, b) => [run(CONV2D_INPUT_GRAD, { dy: a!, filter: b! }, { ...attrs, size: [H, W] })]);
      await expectAlike([x, dy], (a, b) => [run(CONV2D_FILTER_GRAD, { x: a!, dy: b! }, { ...attrs, size: [k, k] })]);
    });
  }

  it('divide a long sum among workgroups and add up its parts', async () => {
    await expectAlike([[1, 3, 3, 128], [3, 3, 128, 8]], (x, f) => [run(CONV2D, { x: x!, filter: f! }, { stride: 1, padding: [1, 1, 1, 1] })]);
    await expectAlike([[1, 3, 3, 8], [3, 3, 128, 8]], (dy, f) => [run(CONV2D_INPUT_GRAD, { dy: dy!, filter: f! }, { stride: 1, padding: [1, 1, 1, 1], size: [3, 3] })]);
    await expectAlike([[2, 24, 24, 4], [2, 24, 24, 4]], (x, dy) => [run(CONV2D_FILTER_GRAD, { x: x!, dy: dy! }, { stride: 1, padding: [1, 1, 1, 1], size: [3, 3] })]);
  });

  it('are differentiated twice, transposed forms too', async () => {
    await expectAlike([[2, 5, 5, 4], [3, 3, 4, 6], [2, 5, 5, 4]], (x, f, v) => tidy(() => {
      const first = (): readonly Tensor[] => vjp(() => conv2d(x as never, f as never, { padding: 1 }), [x!, f!]).grads;
      return vjp(() => first()[0]!, [f!], v!).grads.slice();
    }));
    await expectAlike([[2, 4, 3, 5], [3, 3, 5, 6]], (x, f) => tidy(() => {
      const up = (): Tensor => convTranspose2d(x as never, f as never, { stride: 2, padding: [1, 0, 0, 1] });
      return [up(), ...vjp(up, [x!, f!]).grads];
    }));
  });

  it('give nothing for an empty batch, and zeros for its filter gradient', async () => {
    const attrs = { stride: 1, padding: [1, 1, 1, 1] };
    const [x, f] = [engine().makeTensor(new Float32Array(0), [0, 4, 4, 2], 'float32'), engine().makeTensor(new Float32Array(54).fill(1), [3, 3, 2, 3], 'float32')];
    const dy = engine().makeTensor(new Float32Array(0), [0, 4, 4, 3], 'float32');
    const y = run(CONV2D, { x, filter: f }, attrs);
    expect(y.shape).toEqual([0, 4, 4, 3]);
    const df = run(CONV2D_FILTER_GRAD, { x, dy }, { ...attrs, size: [3, 3] });
    expect([...await df.data()]).toEqual(Array.from({ length: 54 }, () => 0));
    [x, f, dy, y, df].forEach((t) => t.dispose());
  });
});

}

describe('the plan of a convolution', () => {
  it('takes the tile that wastes least', () => {
    expect([tileFor(1000, 3), tileFor(1000, 3, true), tileFor(1000, 16), tileFor(16, 512), tileFor(1000, 64)]).toEqual(['thin', 'small', 'tall', 'flat', 'square']);
  });

  it('divides long sums only where few workgroups run', () => {
    expect(splitsFor(8, 4608)).toBe(16); // 128 workgroups are enough
    expect(splitsFor(8, 600)).toBe(2); // of 256 terms or more each
    expect(splitsFor(200, 4608)).toBe(1);
    expect(splitsFor(1, 100)).toBe(1);
  });

  it('folds grids that are longer than a device allows', () => {
    expect(foldGroups(7, 65535)).toEqual([7, 1, 1]);
    expect(foldGroups(65536, 65535)).toEqual([32768, 2, 1]);
    for (const groups of [1, 65535, 65536, 1e6, 5e9]) {
      const grid = foldGroups(groups, 65535);
      expect(Math.max(...grid)).toBeLessThanOrEqual(65535);
      expect(grid[0] * grid[1] * grid[2]).toBeGreaterThanOrEqual(groups);
    }
  });
});
