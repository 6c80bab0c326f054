import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import {
  biasAct, MINIBATCH_STD, MINIBATCH_STD_GRAD, minibatchStd, type MinibatchStdOptions, STYLED_ACTIVATION, STYLED_ACTIVATION_GRAD, styledActivation,
} from '@spatialgan/ops';
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

type Act = Parameters<typeof biasAct>[2];

async function expectStyled([N, h, w, C]: readonly [number, number, number, number], shared: boolean, options: Act): Promise<void> {
  const x = [N, h, w, C];
  await expectAlike([x, [N, C], [shared ? 1 : N, h, w, 1], [C], x], (a, s, n, b, dy) => tidy(() => {
    const f = (): Tensor4D => styledActivation(a as Tensor4D, { scale: s as Tensor2D, noise: n!, bias: b as Tensor1D, ...options });
    return [f(), ...vjp(f, [a!, s!, n!, b!], dy as Tensor4D).grads];
  }), 5e-6);
}

describe.skipIf(noWebgpu !== null)('what follows a styled convolution, on webgpu', { timeout: 120_000 }, () => {
  beforeAll(activateBoth, 120_000);

  for (const [shape, shared, options] of [
    [[3, 5, 7, 8], false, { act: 'lrelu' }], [[2, 9, 8, 21], true, { act: 'lrelu', gain: 1, clamp: 0.9 }],
    [[1, 13, 12, 17], false, { act: 'relu', gain: 1 }], [[2, 3, 2, 1], true, { act: 'linear', gain: 0.7, clamp: 0.5 }],
  ] as const) {
    it(`is the composite at [${shape}] with ${shared ? 'one noise for all' : 'a noise a sample'}, ${JSON.stringify(options)}, its gradients included`, () =>
      expectStyled(shape, shared, options));
  }

  it('does without any of scale, noise and bias', async () => {
    await expectAlike([[2, 13, 13, 6], [2, 6], [2, 13, 13, 1], [6], [2, 13, 13, 6]], (a, s, n, b, dy) => tidy(() => {
      const grads = (options: Parameters<typeof styledActivation>[1], of: Tensor[]): readonly Tensor[] =>
        vjp(() => styledActivation(a as Tensor4D, { act: 'lrelu', ...options }), of, dy as Tensor4D).grads;
      return [
        ...grads({ scale: s as Tensor2D }, [a!, s!]), ...grads({ noise: n! }, [a!, n!]), ...grads({ noise: n!, bias: b as Tensor1D }, [a!, b!]),
        ...grads({ scale: s as Tensor2D, bias: b as Tensor1D }, [s!, b!]), ...vjp(() => biasAct(a!, b as Tensor1D, { act: 'lrelu' }), [a!, b!], dy).grads,
      ];
    }), 5e-6);
  });

  it('has the second order of the composite', async () => {
    const [x, scale, noise] = [[2, 4, 3, 6], [2, 6], [2, 4, 3, 1]] as const;
    await expectAlike([x, scale, noise, x, x], (a, s, n, dy, v) => tidy(() => {
      const first = (): Tensor => vjp(() => styledActivation(a as Tensor4D, { scale: s as Tensor2D, noise: n!, act: 'lrelu' }), [a!, s!], dy as Tensor4D).grads[0]!;
      return [...vjp(first, [s!, dy!], v!).grads];
    }));
  });

  it('computes the same by the programs of a GPU: vectors of four, sums of many chunks', async () => {
    await programsOf('gpu');
    try {
      await expectStyled([2, 17, 16, 72], false, { act: 'lrelu' });
      await expectStyled([260, 2, 2, 4], true, { act: 'lrelu' }); // more sums than the merger adds up
    } finally {
      await programsOf('software');
    }
  });

  it('takes one kernel forward and one backward', async () => {
    await setBackend('webgpu');
    const noise = tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    const y = tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1]);
    expect(ownKernelsOf(() => vjp(() => styledActivation(y, { noise, act: 'lrelu' }), [y]))).toEqual([STYLED_ACTIVATION, STYLED_ACTIVATION_GRAD]);
    expect(ownKernelsOf(() => vjp(() => minibatchStd(y, { groupSize: 2 }), [y]))).toEqual([MINIBATCH_STD, MINIBATCH_STD_GRAD]);
    [y, noise].forEach((t) => t.dispose());
  });
});

describe.skipIf(noWebgpu !== null)('minibatchStd on webgpu', { timeout: 60_000 }, () => {
  beforeAll(activateBoth, 60_000);

  for (const [shape, options] of [
    [[8, 4, 4, 16], { groupSize: 4 }], [[6, 3, 5, 10], { groupSize: 3, numChannels: 2 }], [[5, 9, 9, 3], { groupSize: null, numChannels: 3 }], [[4, 2, 2, 7], { groupSize: 1 }],
  ] as const satisfies readonly (readonly [readonly number[], MinibatchStdOptions])[]) {
    it(`is the composite at [${shape}] with ${JSON.stringify(options)}, its gradient included`, async () => {
      const [N, h, w, C] = shape;
      const F = 'numChannels' in options ? options.numChannels : 1;
      await expectAlike([shape, [N, h, w, C + F]], (x, dy) => tidy(() => {
        const y = (): Tensor4D => minibatchStd(x as Tensor4D, options);
        return [y(), ...vjp(y, [x!], dy as Tensor4D).grads];
      }), 5e-6);
    });
  }
});
