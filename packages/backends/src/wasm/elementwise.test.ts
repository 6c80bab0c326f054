import { describe, expect, it } from 'vitest';
import { add, concat, mul, setBackend, split, sub, tensor, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { adamStep, adamSteps, biasAct, movingAverage, movingAverages } from '@spatialgan/ops';
import { expectAlike, prepareBoth } from './alike.test-kit.js';

prepareBoth();

describe('add, subtract and multiply on wasm', () => {
  for (const [a, b] of [
    [[3, 5, 7], [3, 5, 7]], [[3, 4, 5, 6], [6]], [[3, 4, 5, 6], [3, 1, 1, 6]], [[3, 4, 5, 6], [3, 4, 5, 1]], [[3, 4, 5, 1], [3, 1, 1, 6]],
    [[2, 3], []], [[], [2, 3]], [[1, 4], [3, 1]], [[4, 5, 6], [3, 4, 5, 6]], [[2, 1, 3, 1, 2], [1, 4, 1, 5, 2]], [[200, 300], [200, 1]], [[40000], [1]],
  ] as const) {
    it(`[${a}] with [${b}]`, async () => {
      await expectAlike([a, b], (x, y) => [add(x!, y!), sub(x!, y!), mul(x!, y!)], 0);
    });
  }
});

it('concat and split on wasm', async () => {
  await expectAlike([[2, 3, 4, 1], [2, 3, 4, 6], [2, 3, 4, 3]], (x, y, z) => [concat([x!, y!, z!], 3)], 0);
  await expectAlike([[2, 3, 4], [5, 3, 4]], (x, y) => [concat([x!, y!], 0)], 0);
  await expectAlike([[100, 33, 10]], (x) => split(x!, [1, 4, 5], 2), 0);
  await expectAlike([[6, 5]], (x) => split(x!, 3, 0), 0);
});

describe('biasAct with a slope on wasm', () => {
  for (const [shape, bias, options] of [
    [[3, 5, 5, 8], true, { act: 'lrelu' }], [[3, 5, 5, 7], true, { act: 'lrelu', clamp: 0.7 }], [[70, 300], false, { act: 'relu', gain: 1 }],
    [[3, 1], true, { act: 'lrelu', alpha: 0.5, gain: 3 }], [[16385], false, { act: 'lrelu', clamp: 1 }],
  ] as const) {
    it(`[${shape}] ${bias ? 'with' : 'without'} bias, ${JSON.stringify(options)}`, async () => {
      const f = (x: Tensor, b?: Tensor): Tensor => biasAct(x, bias ? b as Tensor1D : null, options);
      await expectAlike([shape, [shape[shape.length - 1]!], shape, shape], (x, b, dy, ddx) => tidy(() => {
        const first = (cotangent: Tensor): readonly Tensor[] => vjp(() => f(x!, b), bias ? [x!, b!] : [x!], cotangent).grads;
        const second = vjp(() => first(dy!)[0]!, [dy!, x!], ddx!).grads; // x: zero, the function has no curvature
        return [f(x!, b), ...first(dy!), ...second];
      }));
    });
  }
});

describe('the optimizer on wasm', () => {
  for (const beta1 of [0, 0.9]) {
    it(`steps like the plain form, beta1 ${beta1}`, async () => {
      await expectAlike([[33, 5], [33, 5], [33, 5], [33, 5]], (param, grad, m, v) => {
        const options = { lr: 0.01, beta1, beta2: 0.99, eps: 1e-8, step: 3, infinite: 1e5 };
        const squares = mul(v!, v!);
        const out = adamStep({ param: param!, grad: grad!, m: m!, v: squares }, options);
        squares.dispose();
        return [out.param, out.m, out.v];
      });
    });
  }

  it('takes NaN for 0 and infinities for their bound, and leaves large gradients alone', async () => {
    await setBackend('wasm');
    const [zero, grad] = [tensor([0, 0, 0, 0, 0]), tensor([NaN, Infinity, -Infinity, 1e9, -2])];
    const out = adamStep({ param: zero, grad, m: zero, v: zero }, { lr: 1, beta1: 0, beta2: 0.5, eps: 1e-8, step: 1, infinite: 1e5 });
    expect([...out.m.dataSync()]).toEqual([0, 1e5, -1e5, 1e9, -2]);
    [zero, grad, out.param, out.m, out.v].forEach((t) => t.dispose());
  });

  it('averages like the plain form', async () => {
    await expectAlike([[17000], [17000]], (average, now) => [movingAverage(average!, now!, 0.998)]);
  });

  it('steps and averages lists of any sizes as it does one by one', async () => {
    const shapes = [[3, 5], [20000], [], [1], [40000]];
    await expectAlike(shapes.flatMap((shape) => [shape, shape, shape, shape]), (...tensors) => {
      const states = shapes.map((_, i) => ({ param: tensors[4 * i]!, grad: tensors[4 * i + 1]!, m: tensors[4 * i + 2]!, v: mul(tensors[4 * i + 3]!, tensors[4 * i + 3]!) }));
      const out = adamSteps(states, { lr: 0.01, beta1: 0.5, beta2: 0.99, eps: 1e-8, step: 2, infinite: 1e5 });
      states.forEach(({ v }) => v.dispose());
      return [...out.flatMap(({ param, m, v }) => [param, m, v]), ...movingAverages(states.map(({ param, grad }) => [param, grad]), 0.9)];
    });
    expect([adamSteps([], { lr: 1, beta1: 0, beta2: 0, eps: 1, step: 1 }), movingAverages([], 0.5)]).toEqual([[], []]);
  });
});
