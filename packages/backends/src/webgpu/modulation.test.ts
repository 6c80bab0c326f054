import { beforeAll, describe, expect, it } from 'vitest';
import { getKernel, setBackend, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { DEMODULATION_GRAD, demodulation, SCALE_CHANNELS_GRAD, scaleChannels } from '@spatialgan/ops';
import { activateBoth, expectAlike, noWebgpu } from '@spatialgan-internal/test-kit/gpuAlike';
import { currentBackend } from '../activateTfjs.js';
import type { TfjsGpuBackend } from './gpuTypes.js';
import { registerGpuKernels } from './registerKernels.js';

/** Programs as a GPU gets them (vectors of four, sums divided among workgroups), or those of software adapters. */
async function programsOf(kind: 'gpu' | 'software'): Promise<void> {
  await setBackend('webgpu');
  await registerGpuKernels(currentBackend<TfjsGpuBackend>(), {
    software: kind === 'software', warm: false, onKernelError: (error) => {
      throw error;
    },
  });
}

async function expectScaled(shape: readonly [number, number, number, number]): Promise<void> {
  const scale = [shape[0], shape[3]];
  await expectAlike([shape, scale, shape, shape], (x, s, dy, v) => tidy(() => {
    const y = (): Tensor4D => scaleChannels(x as Tensor4D, s as Tensor2D);
    const first = () => vjp(y, [x!, s!], dy as Tensor4D).grads;
    return [y(), ...first(), ...vjp(() => first()[1]!, [x!, dy!], s!).grads, ...vjp(() => first()[0]!, [s!, dy!], v!).grads];
  }), 5e-6);
}

async function expectDemodulated([k, I, O, N]: readonly [number, number, number, number]): Promise<void> {
  const filter = [k, k, I, O];
  await expectAlike([filter, [N, I], [N, O], filter], (weight, styles, dy, v) => tidy(() => {
    const d = (): Tensor2D => demodulation(weight as Tensor4D, styles as Tensor2D);
    const first = () => vjp(d, [weight!, styles!], dy as Tensor2D).grads;
    return [d(), ...first(), ...vjp(() => first()[0]!, [weight!, styles!, dy!], v!).grads];
  }), 5e-6);
}

describe.skipIf(noWebgpu !== null)('the parts of the modulated convolution on webgpu', { timeout: 120_000 }, () => {
  beforeAll(activateBoth, 120_000);

  it('have kernels forward and backward', () => {
    expect([SCALE_CHANNELS_GRAD, DEMODULATION_GRAD].map((name) => getKernel(name, 'webgpu'))).not.toContain(undefined);
  });

  for (const shape of [[2, 5, 7, 8], [3, 3, 3, 5], [1, 1, 1, 1], [2, 9, 4, 70]] as const) {
    it(`channels of [${shape}] scaled, to the second order`, () => expectScaled(shape));
  }

  for (const sizes of [[3, 8, 12, 2], [1, 5, 3, 5], [3, 3, 1, 1], [1, 40, 68, 9]] as const) {
    const [k, I, O, N] = sizes;
    it(`the demodulation of ${k}×${k}, ${I}→${O} by ${N} styles, to the second order`, () => expectDemodulated(sizes));
  }

  it('compute the same by the programs of a GPU', async () => {
    await programsOf('gpu');
    try {
      await expectScaled([1, 40, 40, 12]);
      await expectDemodulated([3, 72, 12, 5]);
      await expectDemodulated([3, 300, 4, 2]); // the sums of several workgroups
    } finally {
      await programsOf('software');
    }
  });
});
