import { beforeAll, describe, expect, it } from 'vitest';
import { engine, matMul, mean, mul, setBackend, sum, tensor, tensor1d, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { adamStep, biasAct, gatherRows, instanceNorm, movingAverage, resizeBilinear, scatterRows, selModulate, setupFilter, upfirdn2d } from '@spatialgan/ops';
import { activateBoth, expectAlike, noWebgpu } from '@spatialgan-internal/test-kit/gpuAlike';
import { currentBackend } from '../activateTfjs.js';
import type { TfjsGpuBackend } from './gpuTypes.js';
import { registerGpuKernels } from './registerKernels.js';

const rethrow = (error: Error): never => {
  throw error;
};

describe.skipIf(noWebgpu !== null)('on webgpu', { timeout: 120_000 }, () => {
  beforeAll(activateBoth, 120_000);

  it('sums and SEL\'s modulation as a GPU would have them: vectors of four, sums divided among workgroups', async () => {
    const set = (software: boolean): Promise<void> => registerGpuKernels(currentBackend<TfjsGpuBackend>(), { software, warm: false, onKernelError: rethrow });
    await setBackend('webgpu');
    await set(false);
    try {
      await expectAlike([[2, 33, 31, 4]], (x) => tidy(() => [sum(mul(x!, x!), [1, 2]), mean(mul(x!, x!), [0, 1, 2]), sum(mul(x!, x!))]));
      await expectAlike([[1, 40, 40, 12]], (x) => tidy(() => [sum(mul(x!, x!), [1, 2]), mean(mul(x!, x!), 0)]));
      for (const shape of [[1, 40, 40, 12], [2, 5, 7, 24], [1, 6, 6, 70]]) {
        const map = [...shape.slice(0, 3), 1];
        await expectAlike([shape, map, map, shape], (x, scale, shift, dy) => tidy(() => {
          const y = (): Tensor => selModulate(x as never, scale as never, shift as never);
          return [y(), ...vjp(y, [x!, scale!, shift!], dy!).grads];
        }), 1e-5);
      }
    } finally {
      await setBackend('webgpu');
      await set(true);
    }
  });

  for (const [shape, bias, options] of [
    [[3, 5, 5, 8], true, { act: 'lrelu' }], [[3, 5, 5, 7], true, { act: 'lrelu', clamp: 0.7 }], [[7, 30], false, { act: 'relu', gain: 1 }],
    [[3, 1], true, { act: 'lrelu', alpha: 0.5, gain: 3 }], [[1025], false, { act: 'lrelu', clamp: 1 }],
    [[2, 3, 4], true, { act: 'linear', gain: 2, clamp: 0.8 }],
  ] as const) {
    it(`biasAct with a slope: [${shape}] ${bias ? 'with' : 'without'} bias, ${JSON.stringify(options)}`, async () => {
      const f = (x: Tensor, b?: Tensor): Tensor => biasAct(x, bias ? b as Tensor1D : null, options);
      await expectAlike([shape, [shape[shape.length - 1]!], shape, shape], (x, b, dy, ddx) => tidy(() => {
        const first = (cotangent: Tensor): readonly Tensor[] => vjp(() => f(x!, b), bias ? [x!, b!] : [x!], cotangent).grads;
        const second = vjp(() => first(dy!)[0]!, [dy!, x!], ddx!).grads; // x: zero, the function has no curvature
        return [f(x!, b), ...first(dy!), ...second];
      }));
    });
  }

  it('lrelu at its kink and at its bound, by hand', async () => {
    await setBackend('webgpu');
    const x = tensor1d([-2, -0, 0, 1, 3]);
    const [y, dx] = tidy(() => [biasAct(x, null, { act: 'lrelu', gain: 2, clamp: 2 }), vjp(() => biasAct(x, null, { act: 'lrelu', gain: 2, clamp: 2 }), [x]).grads[0]!]);
    expect([...await y!.data()].map((v) => v + 0)).toEqual([Math.fround(-0.8), 0, 0, 2, 2]);
    expect([...await dx!.data()]).toEqual([0.4, 0.4, 0.4, 2, 0].map(Math.fround));
    [x, y!, dx!].forEach((t) => t.dispose());
  });

  for (const [size, f, options] of [
    [[2, 5, 7, 3], [1, 3, 3, 1], { up: 2, padding: [2, 1, 2, 1], gain: 4 }], [[2, 6, 6, 4], [1, 3, 3, 1], { down: 2, padding: 1 }],
    [[1, 4, 5, 8], [1, 2, 5], { padding: [2, -1, 0, 3] }], [[2, 5, 4, 1], [[1, 2, 3], [4, 5, 6]], { up: [2, 3], down: [3, 2], padding: [4, 3, 2, 5], flipFilter: true }],
    [[1, 3, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], { up: 2, padding: 12 }], [[1, 6, 6, 2], [1], { padding: [-2, -1, -1, -2] }],
  ] as const) {
    it(`upfirdn2d [${size}] with ${JSON.stringify(f)}, ${JSON.stringify(options)}`, async () => {
      await expectAlike([size], (x) => tidy(() => {
        const fir = setupFilter(f as never);
        const y = (): Tensor => upfirdn2d(x as never, fir, options as never);
        return [y(), ...vjp(y, [x!], mul(y(), 0.3)).grads];
      }));
    });
  }

  for (const [shape, to] of [[[2, 3, 5, 4], [6, 7]], [[1, 8, 8, 3], [3, 4]], [[2, 1, 4, 1], [5, 1]], [[1, 5, 1, 4], [1, 6]], [[1, 7, 6, 2], [13, 11]]] as const) {
    it(`resizing [${shape}] to [${to}] and its gradient`, async () => {
      await expectAlike([shape], (x) => tidy(() => {
        const y = (): Tensor => resizeBilinear(x as never, to);
        return [y(), ...vjp(y, [x!], mul(y(), 2)).grads];
      }));
    });
  }

  for (const C of [3, 8]) {
    it(`rows of ${C} by index, with repetitions and gaps`, async () => {
      const indices = [4, 0, 4, 2, 2, 2, 1];
      await expectAlike([[6, C], [7, C]], (x, rows) => tidy(() => {
        const at = tensor1d(indices, 'int32');
        return [gatherRows(x as never, at), scatterRows(rows as never, at, 6), ...vjp(() => gatherRows(x as never, at), [x!], rows!).grads];
      }));
    });
  }

  for (const shape of [[3, 5, 7, 4], [2, 8, 8, 3], [1, 4, 4, 70], [2, 33, 31, 1], [5, 2, 3, 12], [1, 64, 64, 8]] as const) {
    it(`sums, means and normalized instances of [${shape}]`, async () => {
      for (const axis of [[1, 2], [0, 1, 2], [0], [1], [3], [0, 3], [1, 2, 3], [0, 1, 2, 3]]) {
        await expectAlike([shape], (x) => tidy(() => [sum(mul(x!, x!), axis), mean(mul(x!, x!), axis, true)])); // positive: nothing cancels
      }
      await expectAlike([shape], (x) => tidy(() => [instanceNorm(x as never), ...vjp(() => instanceNorm(x as never), [x!], mul(x!, x!)).grads]), 1e-5);
    });
  }

  for (const shape of [[2, 5, 7, 8], [1, 3, 3, 70], [3, 4, 4, 1], [1, 40, 40, 12], [2, 6, 5, 3]] as const) {
    it(`SEL's modulation of [${shape}] and its gradients, twice`, async () => {
      const map = [...shape.slice(0, 3), 1];
      await expectAlike([shape, map, map, shape, shape], (x, scale, shift, dy, v) => tidy(() => {
        const y = (): Tensor => selModulate(x as never, scale as never, shift as never);
        const first = (): readonly Tensor[] => vjp(y, [x!, scale!, shift!], dy!).grads;
        return [y(), ...first(), ...vjp(() => first()[0]!, [scale!, dy!], v!).grads];
      }), 1e-5);
    });
  }

  for (const [m, k, n] of [[2, 8, 12], [17, 5, 3], [1, 7, 1], [70, 9, 68], [2, 600, 4], [4, 1, 6]] as const) {
    it(`products of matrices, ${m} × ${k} × ${n}, turned or not`, async () => {
      await expectAlike([[m, k], [k, n], [n, k], [k, m]], (a, b, bT, aT) => [
        matMul(a!, b!), matMul(a!, bT!, false, true), matMul(aT!, b!, true, false), matMul(aT!, bT!, true, true),
      ]);
    });
  }

  it('products of stacks of matrices', async () => {
    await expectAlike([[3, 4, 5], [3, 5, 2], [1, 4, 5], [1, 5, 2]], (a, b, c, d) => [matMul(a!, b!), matMul(c!, d!)]);
  });

  for (const beta1 of [0, 0.9]) {
    for (const shape of [[33, 5], [8, 4]]) {
      it(`a step of Adam for [${shape}], beta1 ${beta1}`, async () => {
        await expectAlike([shape, shape, shape, shape], (param, grad, m, v) => {
          const squares = mul(v!, v!);
          const out = adamStep({ param: param!, grad: grad!, m: m!, v: squares }, { lr: 0.01, beta1, beta2: 0.99, eps: 1e-8, step: 3, infinite: 1e5 });
          squares.dispose();
          return [out.param, out.m, out.v];
        });
      });
    }
  }

  it('Adam takes NaN for 0 and infinities for their bound, and leaves large gradients alone', async () => {
    await setBackend('webgpu');
    for (const grads of [[NaN, Infinity, -Infinity, 1e9, -2], [NaN, Infinity, -Infinity, 1e9]]) {
      const [zero, grad] = [tensor(grads.map(() => 0)), tensor(grads)];
      const out = adamStep({ param: zero, grad, m: zero, v: zero }, { lr: 1, beta1: 0, beta2: 0.5, eps: 1e-8, step: 1, infinite: 1e5 });
      expect([...await out.m.data()]).toEqual([0, 1e5, -1e5, 1e9, -2].slice(0, grads.length));
      [zero, grad, out.param, out.m, out.v].forEach((t) => t.dispose());
    }
  });

  it('moving averages', async () => {
    await expectAlike([[1700], [1700]], (average, now) => [movingAverage(average!, now!, 0.998)]);
    await expectAlike([[17], [17]], (average, now) => [movingAverage(average!, now!, 0.5)]);
  });

  it('more entries than one row of workgroups reaches', async () => {
    await setBackend('webgpu');
    const size = 65535 * 256 + 1000; // an odd number of entries: one at a time
    const x = engine().makeTensor(new Float32Array(size + 1).fill(-1), [size + 1], 'float32') as Tensor1D;
    const y = biasAct(x, null, { act: 'lrelu', gain: 1 });
    const values = await y.data();
    expect([values[0], values[65535 * 256 - 1], values[65535 * 256], values[size]]).toEqual([-0.2, -0.2, -0.2, -0.2].map(Math.fround));
    expect(values.every((v) => v === Math.fround(-0.2))).toBe(true);
    [x, y].forEach((t) => t.dispose());
  });
});
