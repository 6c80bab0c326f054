import { beforeAll, describe, expect, it } from 'vitest';
import { engine, setBackend, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { MODULATED_CONV2D, modulatedConv2d, type ModulatedConv2dOptions, setupFilter } from '@spatialgan/ops';
import { activateBoth, expectAlike, noWebgpu } from '@spatialgan-internal/test-kit/gpuAlike';
import { ownKernelsOf } from '@spatialgan-internal/test-kit/kernelsOf';
import { currentBackend } from '../activateTfjs.js';
import type { TfjsGpuBackend } from './gpuTypes.js';
import { registerGpuKernels } from './registerKernels.js';

/** Programs as a GPU gets them, or those of software adapters. */
async function programsOf(kind: 'gpu' | 'software'): Promise<void> {
  await setBackend('webgpu');
  await registerGpuKernels(currentBackend<TfjsGpuBackend>(), {
    software: kind === 'software', warm: false, onKernelError: (error) => {
      throw error;
    },
  });
}

interface Layer {
  /** N, h, w, I, O, kernel. */
  readonly sizes: readonly [number, number, number, number, number, number];
  readonly options: ModulatedConv2dOptions;
  readonly spatial?: boolean;
  /** Samples of the noise; none without. */
  readonly noise?: number;
  readonly bias?: boolean;
  readonly fir?: readonly number[];
}

async function expectLayer({ sizes: [N, h, w, I, O, k], options, spatial = false, noise, bias = false, fir }: Layer): Promise<void> {
  const up = options.up ?? 1;
  const styles = spatial ? [N, h, w, I] : [N, I];
  await expectAlike([[N, h, w, I], [k, k, I, O], styles, [noise ?? 1, h * up, w * up, 1], [O]], (x, weight, s, n, b) => tidy(() => [
    modulatedConv2d(x as Tensor4D, weight as Tensor4D, s as Tensor2D, {
      padding: Math.floor(k / 2), ...options, ...(noise && { noise: n! }), ...(bias && { bias: b as Tensor1D }), ...(fir && { resampleFilter: setupFilter(fir) }),
    }),
  ]), 5e-6);
}

const layers: readonly (readonly [string, Layer])[] = [
  ['a layer of the synthesis', { sizes: [2, 5, 6, 8, 12, 3], options: { act: 'lrelu', clamp: 1.5 }, noise: 2, bias: true }],
  ['its channels no multiples of four', { sizes: [2, 5, 4, 5, 7, 3], options: { act: 'lrelu' }, noise: 1, bias: true }],
  ['up 2', { sizes: [2, 4, 5, 8, 12, 3], options: { up: 2, flipWeight: false, act: 'lrelu' }, noise: 2, bias: true, fir: [1, 3, 3, 1] }],
  ['up 2, odd channels, the filter turned', { sizes: [1, 4, 4, 3, 5, 3], options: { up: 2, act: 'lrelu', gain: 1 }, bias: true, fir: [1, 2, 1] }],
  ['up 2 by one tap', { sizes: [2, 3, 4, 4, 8, 1], options: { up: 2 }, noise: 1, fir: [1, 3, 3, 1] }],
  ['a layer that makes images', { sizes: [2, 4, 4, 8, 3, 1], options: { demodulate: false, clamp: 2 }, bias: true }],
  ['spatial styles', { sizes: [2, 5, 4, 8, 4, 3], options: { act: 'relu' }, spatial: true, noise: 2 }],
  ['spatial styles, odd channels, truly convolved', { sizes: [2, 5, 4, 3, 5, 3], options: { flipWeight: false }, spatial: true, bias: true }],
  ['another activation after it', { sizes: [1, 4, 4, 4, 4, 3], options: { act: 'tanh' }, noise: 1, bias: true }],
];

describe.skipIf(noWebgpu !== null)('the modulated convolution on webgpu, where nobody differentiates it', { timeout: 120_000 }, () => {
  beforeAll(activateBoth, 120_000);

  for (const [name, layer] of layers) it(`is the composite: ${name}`, () => expectLayer(layer));

  it('is the composite where the kernel does not reach: downsampling and cropping', async () => {
    await expectLayer({ sizes: [1, 6, 6, 4, 4, 3], options: { down: 2, act: 'lrelu' }, bias: true, fir: [1, 2, 1] });
    await expectLayer({ sizes: [1, 6, 6, 4, 4, 1], options: { padding: -1 }, bias: true });
  });

  it('computes the same by the programs of a GPU, its sums divided or not', async () => {
    await programsOf('gpu');
    try {
      await expectLayer({ sizes: [1, 4, 4, 128, 20, 3], options: { act: 'lrelu' }, noise: 1, bias: true }); // divided
      await expectLayer({ sizes: [2, 7, 6, 8, 20, 3], options: { act: 'lrelu' }, noise: 2, bias: true });
    } finally {
      await programsOf('software');
    }
  });

  it('is one kernel without a tape and the composite\'s with one', async () => {
    await setBackend('webgpu');
    await expectAlike([[1, 3, 3, 4], [3, 3, 4, 4], [1, 4]], (x, w, s) => {
      const f = (): Tensor => modulatedConv2d(x as Tensor4D, w as Tensor4D, s as Tensor2D, { padding: 1 });
      if (engine().backendName === 'webgpu') {
        expect(ownKernelsOf(f)).toEqual([MODULATED_CONV2D]);
        expect(ownKernelsOf(() => vjp(f, [x!]))).not.toContain(MODULATED_CONV2D);
      }
      return [f()];
    });
  });
});
