import { describe, expect, it } from 'vitest';
import { setBackend, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { biasAct, minibatchStd, MINIBATCH_STD_GRAD, type MinibatchStdOptions, styledActivation, STYLED_ACTIVATION_GRAD } from '@spatialgan/ops';
import { kernelsOf } from '@spatialgan-internal/test-kit/kernelsOf';
import { expectAlike, prepareBoth } from './alike.test-kit.js';

prepareBoth();

describe('styledActivation on wasm', () => {
  const options = [
    { act: 'lrelu' }, { act: 'relu', gain: 1 }, { act: 'lrelu', gain: 1, clamp: 0.9 }, { act: 'linear', gain: 0.7, clamp: 0.5 },
  ] as const;
  const shapes = [[3, 5, 7, 32], [2, 9, 8, 21], [1, 3, 2, 3], [5, 40, 40, 16]] as const;
  shapes.forEach(([N, h, w, C], i) => {
    for (const shared of [false, true]) {
      const [x, scale, noise] = [[N, h, w, C], [N, C], [shared ? 1 : N, h, w, 1]] as const;
      it(`is the composite at [${x}] with ${shared ? 'one noise for all' : 'a noise a sample'}, its gradients included`, async () => {
        await expectAlike([x, scale, noise, [C], x], (a, s, n, b, dy) => tidy(() => {
          const f = (): Tensor4D => styledActivation(a as Tensor4D, { scale: s as Tensor2D, noise: n!, bias: b as Tensor1D, ...options[i]! });
          const { value, grads } = vjp(f, [a!, s!, n!, b!], dy as Tensor4D);
          return [value, ...grads];
        }), 3e-6);
      });
    }
  });

  it('does without any of scale, noise and bias', async () => {
    const [x, scale, noise, bias] = [[3, 4, 5, 6], [3, 6], [3, 4, 5, 1], [6]] as const;
    await expectAlike([x, scale, noise, bias, x], (a, s, n, b, dy) => tidy(() => [
      ...vjp(() => styledActivation(a as Tensor4D, { scale: s as Tensor2D, act: 'lrelu' }), [a!, s!], dy as Tensor4D).grads,
      ...vjp(() => styledActivation(a as Tensor4D, { noise: n!, act: 'lrelu' }), [a!, n!], dy as Tensor4D).grads,
      ...vjp(() => styledActivation(a as Tensor4D, { noise: n!, bias: b as Tensor1D, act: 'lrelu' }), [a!, b!], dy as Tensor4D).grads,
      ...vjp(() => biasAct(a!, b as Tensor1D, { act: 'lrelu' }), [a!, b!], dy).grads,
    ]), 3e-6);
  });

  it('has the second order of the composite', async () => {
    const [x, scale, noise] = [[2, 4, 3, 6], [2, 6], [2, 4, 3, 1]] as const;
    await expectAlike([x, scale, noise, x, x, scale], (a, s, n, dy, ddx, dds) => tidy(() => {
      const first = (): readonly Tensor[] =>
        vjp(() => styledActivation(a as Tensor4D, { scale: s as Tensor2D, noise: n!, act: 'lrelu' }), [a!, s!], dy as Tensor4D).grads;
      return [...vjp(() => first()[0]!, [s!, dy!], ddx!).grads, ...vjp(() => first()[1]!, [a!, dy!], dds!).grads];
    }), 2e-6);
  });

  it('takes one kernel for its gradient where nobody differentiates it, as biasAct does', async () => {
    await setBackend('wasm');
    const x = tensor4d([1, 8, -3, 4, 2, -2, 5, 0], [1, 2, 2, 2]);
    const bias = tensor1d([1, 8]);
    const noise = tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    const styled = (): readonly Tensor[] => vjp(() => styledActivation(x, { noise, bias, act: 'lrelu' }), [x, bias]).grads;
    expect(kernelsOf(() => styled()).filter((name) => /Styled|ColumnSum/.test(name))).toEqual(['SpatialganStyledActivation', STYLED_ACTIVATION_GRAD]);
    expect(kernelsOf(() => vjp(() => styled()[0]!, [x]))).not.toContain(STYLED_ACTIVATION_GRAD);
    const plain = kernelsOf(() => vjp(() => biasAct(x, bias, { act: 'lrelu' }), [x, bias]));
    expect(plain.filter((name) => /Styled|Lrelu|ColumnSum/.test(name))).toEqual(['SpatialganBiasLrelu', STYLED_ACTIVATION_GRAD]);
    [x, bias, noise].forEach((t) => t.dispose());
  });
});

describe('minibatchStd on wasm', () => {
  for (const [shape, options] of [
    [[8, 4, 4, 64], { groupSize: 4 }], [[6, 3, 5, 10], { groupSize: 3, numChannels: 2 }], [[5, 9, 9, 3], { groupSize: null, numChannels: 3 }], [[4, 2, 2, 7], { groupSize: 1 }],
  ] as const satisfies readonly (readonly [readonly number[], MinibatchStdOptions])[]) {
    it(`is the composite at [${shape}] with ${JSON.stringify(options)}, its gradient included`, async () => {
      const [N, h, w, C] = shape;
      const F = 'numChannels' in options ? options.numChannels : 1;
      await expectAlike([shape, [N, h, w, C + F]], (x, dy) => tidy(() => {
        const { value, grads } = vjp(() => minibatchStd(x as Tensor4D, options), [x!], dy as Tensor4D);
        return [value, ...grads];
      }), 3e-6);
    });
  }

  it('has the second order of the composite, and one kernel for the first', async () => {
    await expectAlike([[4, 2, 3, 6], [4, 2, 3, 7], [4, 2, 3, 6]], (x, dy, ddx) => tidy(() =>
      [...vjp(() => vjp(() => minibatchStd(x as Tensor4D, { groupSize: null }), [x!], dy as Tensor4D).grads[0]!, [x!, dy!], ddx!).grads]), 2e-5);
    await setBackend('wasm');
    const x = tensor4d([1, 8, -3, 4], [2, 1, 1, 2]);
    const names = kernelsOf(() => vjp(() => minibatchStd(x, { groupSize: 2 }), [x]));
    expect(names.filter((name) => name.startsWith('Spatialgan'))).toEqual(['SpatialganMinibatchStd', MINIBATCH_STD_GRAD]);
    x.dispose();
  });
});
