import { describe, expect, it } from 'vitest';
import { offerSoftwareVulkan } from '@spatialgan-internal/test-kit/softwareVulkan';
import { engine, memory, mul, reshape, type Tensor, tensor1d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import { biasAct, conv2d, selModulate, upfirdn2d } from '@spatialgan/ops';
import { webgpu } from '../webgpu.js';
import { recordPlan } from './recordPlan.js';

offerSoftwareVulkan();
const software = webgpu({ allowSoftware: true });
const reason = await software.unsupportedReason();
if (reason !== null) console.warn(`plans on webgpu: skipped, ${reason}`);

/** The numbers of a fresh tensor, which is disposed. */
async function numbers(t: Tensor): Promise<number[]> {
  const values = await t.data();
  t.dispose();
  return [...values];
}

describe.skipIf(reason !== null)('a plan on webgpu, whose numbers come later', { timeout: 120_000 }, () => {
  it('computes the same bits as the function, early and late outputs, and leaves nothing behind', async () => {
    await software.activate();
    const draw = (seed: number, shape: number[]): Tensor => createRng(seed).normalTensor(shape);
    const [filter, fir, bias] = [draw(1, [3, 3, 4, 8]), tensor1d([0.125, 0.375, 0.375, 0.125]), draw(2, [8])];
    const run = (x: Tensor, map: Tensor): { early: Tensor; out: Tensor } => tidy(() => {
      const early = biasAct(conv2d(x as Tensor4D, mul(filter, 0.5) as Tensor4D, { padding: 1 }), bias as never, { act: 'lrelu' });
      const wide = upfirdn2d(early as Tensor4D, fir, { up: 2, padding: [2, 1, 2, 1] });
      const [N, h, w] = wide.shape;
      return { early, out: selModulate(wide, reshape(map, [N, h, w, 1]), reshape(map, [N, h, w, 1])) };
    });
    const given = (seed: number): { x: Tensor; map: Tensor } => ({ x: draw(seed, [1, 6, 6, 4]), map: draw(seed + 1, [144]) });
    const { x, map } = given(5);
    const before = [memory().numTensors, engine().backend.numDataIds()];
    let returned: Record<string, Tensor> = {};
    const plan = recordPlan((input) => (returned = run(input('x', x), input('map', map))));
    if ('refused' in plan) throw new Error(plan.refused);
    Object.values(returned).forEach((t) => t.dispose());
    for (const seed of [10, 20]) {
      const next = given(seed);
      plan.set('x', next.x);
      const late = plan.run('early');
      plan.set('map', next.map);
      const results = [await numbers(late), await numbers(plan.run('out'))];
      const expected = run(next.x, next.map);
      expect(results).toEqual([await numbers(expected.early), await numbers(expected.out)]);
      next.x.dispose();
      next.map.dispose();
    }
    plan.dispose();
    expect([memory().numTensors, engine().backend.numDataIds()]).toEqual(before);
  });
});
