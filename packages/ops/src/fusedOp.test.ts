import {
  getKernel, type KernelFunc, ones, type Rank, registerGradient, sum, tensor1d, tensor2d, type Tensor, tidy, unregisterGradient, unregisterKernel,
} from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { afterEach, expect, it } from 'vitest';
import { array64, describeBackends, expectNoLeaks, gradErrors, randomArray } from '@spatialgan-internal/test-kit';
import { biasAct } from './biasAct.js';
import { conv2d } from './conv2d.js';
import { replaceKernel } from './fusedOp.js';
import { BIAS_ACT } from './kernelNames.js';
import { setupFilter } from './setupFilter.js';
import { upfirdn2d } from './upfirdn2d.js';
import { adamStep } from './adamStep.js';

let calls = 0;

/** A "fast" kernel on cpu that computes tanh(x + b) · gain by its own means. */
const fastTanh: KernelFunc = ({ inputs, attrs, backend }) => {
  calls++;
  const cpu = backend as unknown as { readSync(id: object): Float32Array };
  const x = inputs['x'] as Tensor;
  const b = inputs['b'] as Tensor | undefined;
  const [xs, bs] = [cpu.readSync(x.dataId), b && cpu.readSync(b.dataId)];
  const gain = (attrs as unknown as { gain: number }).gain;
  return tensor2d(xs.map((v, i) => gain * Math.tanh(v + (bs ? bs[i % bs.length]! : 0))), x.shape as [number, number]);
};

afterEach(() => {
  calls = 0;
  if (getKernel(BIAS_ACT, 'cpu')) unregisterKernel(BIAS_ACT, 'cpu');
});

await describeBackends('a fused kernel', () => {
  const inputs = [randomArray([3, 4]), randomArray([4], { label: 'b' })];
  const reference = (x: typeof inputs[0], b: typeof inputs[0]) =>
    array64([3, 4], x!.data.map((v, i) => 2 * Math.tanh(v + b!.data[i % 4]!)));
  const run = (x: Tensor, b: Tensor) => biasAct(x, b as never, { act: 'tanh', gain: 2 });

  it('gives the value while the composite gives its gradients, to the second order', async () => {
    replaceKernel({ kernelName: BIAS_ACT, backendName: 'cpu', kernelFunc: fastTanh });
    const errors = await gradErrors({ inputs, run, reference });
    expect(calls).toBeGreaterThan(0);
    expect(errors.value).toBeLessThan(1e-6);
    expect(errors.first).toBeLessThan(1e-6);
    expect(errors.second).toBeLessThan(1e-5);
  });

  it('may bring a gradient of its own', async () => {
    replaceKernel({ kernelName: BIAS_ACT, backendName: 'cpu', kernelFunc: fastTanh });
    registerGradient({ kernelName: BIAS_ACT, gradFunc: (dy) => ({ x: () => (dy as Tensor).clone(), b: () => tensor1d([7, 7, 7, 7]) }) });
    try {
      const x = tensor2d([[1, 2, 3, 4]]);
      const b = tensor1d([0, 0, 0, 0]);
      const { grads } = vjp(() => biasAct(x, b, { act: 'tanh' }), [x, b]);
      expect([...await grads[0]!.data(), ...await grads[1]!.data()]).toEqual([1, 1, 1, 1, 7, 7, 7, 7]);
    } finally {
      unregisterGradient(BIAS_ACT);
    }
  });

  it('works without the optional inputs', async () => {
    replaceKernel({ kernelName: BIAS_ACT, backendName: 'cpu', kernelFunc: fastTanh });
    const x = tensor2d([[0.5, -1]]);
    const { grads } = vjp(() => biasAct(x, null, { act: 'tanh' }), [x]);
    expect([...await grads[0]!.data()]).toEqual([expect.closeTo(1 - Math.tanh(0.5) ** 2, 6), expect.closeTo(1 - Math.tanh(1) ** 2, 6)]);
  });

  it('leaves nothing behind', () => {
    replaceKernel({ kernelName: BIAS_ACT, backendName: 'cpu', kernelFunc: fastTanh });
    const x = tensor2d([[0.5, -1]]);
    expectNoLeaks(() => tidy(() => [...vjp(() => biasAct(x, null, { act: 'tanh' }), [x]).grads]));
  });
}, { only: ['cpu'] });

await describeBackends('ops and their gradients', () => {
  it('leave nothing behind', () => {
    const x = ones<Rank.R4>([2, 6, 6, 3]);
    const w = ones<Rank.R4>([3, 3, 3, 2]);
    const f = setupFilter([1, 3, 3, 1]);
    const grads = (run: () => Tensor): void => expectNoLeaks(() => tidy(() => [...vjp(() => sum(run()), [x, w]).grads]));
    expectNoLeaks(() => conv2d(x, w, { padding: [1, -1, 0, 2] }));
    expectNoLeaks(() => upfirdn2d(x, f, { up: 2, padding: [2, 1, 2, 1] }));
    expectNoLeaks(() => adamStep({ param: x, grad: x, m: x, v: x }, { lr: 1, beta1: 0, beta2: 0.9, eps: 1e-8, step: 1 }));
    grads(() => conv2d(x, w, { stride: 2, padding: 1 }));
    grads(() => upfirdn2d(conv2d(x, w), f, { down: 2, padding: 1 }));
  });
}, { only: ['cpu', 'wasm-plain', 'wasm'] });
