import { beforeAll, describe, expect, it } from 'vitest';
import { matMul, mul, reshape, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import { biasAct, conv2d, resizeBilinear, selModulate } from '@spatialgan/ops';
import { activateBoth, noWebgpu } from '@spatialgan-internal/test-kit/gpuAlike';
import { type Plan, recordPlan } from '../plan/recordPlan.js';

describe.skipIf(noWebgpu !== null)('a plan on webgpu', { timeout: 60_000 }, () => {
  beforeAll(activateBoth, 60_000);

  it('calls our kernels without the engine and gives the bits that the function gives, again and again', async () => {
    const rng = createRng(5);
    const make = (label: string, shape: number[]): Tensor => rng.split(label).normalTensor(shape as [number]);
    const constants = [make('w', [3, 3, 4, 8]), make('b', [8]), make('m', [1, 6, 6, 1]), make('v', [8, 5])] as const;
    const [w, b, m, v] = constants;
    const image = (x: Tensor): Tensor => {
      const y = biasAct(conv2d(x as never, w as never, { padding: 1 }), b as never, { act: 'lrelu' });
      const small = resizeBilinear(selModulate(y, m as never, m as never), [3, 2]);
      return mul(matMul(reshape(small, [6, 8]), v), 0.5);
    };
    const first = make('x', [1, 6, 6, 4]);
    const plan = recordPlan((input) => tidy(() => ({ out: image(input('x', first)) }))) as Plan;
    expect(plan).not.toHaveProperty('refused');
    for (const label of ['one', 'two', 'three']) {
      const x = tensor(Float32Array.from({ length: 144 }, (_, i) => Math.sin(i * label.length)), [1, 6, 6, 4]);
      plan.set('x', x);
      const [planned, direct] = [plan.run('out'), tidy(() => image(x))];
      expect([...await planned.data()]).toEqual([...await direct.data()]);
      [x, planned, direct].forEach((t) => t.dispose());
    }
    plan.dispose();
    [first, ...constants].forEach((t) => t.dispose());
  });
});
