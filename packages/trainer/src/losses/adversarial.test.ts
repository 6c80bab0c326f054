import '@tensorflow/tfjs-backend-cpu';
import {
  engine, mean, mul, ready, reshape, type Scalar, scalar, setBackend, square, sum, type Tensor, tensor2d, type Tensor2D, tensor3d, type Tensor3D, tensor4d,
  type Tensor4D, tidy,
} from '@tensorflow/tfjs-core';
import { createRng, type DiscriminatorPhase, type GeneratorPhase, type LossContext, noTap, type TappedScore, vjp } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { nonSaturating, nonSaturatingDiscriminator, nonSaturatingGenerator } from './nonSaturating.js';
import { pathLength } from './pathLength.js';
import { r1 } from './r1.js';

const values = (x: Tensor): number[] => [...x.dataSync()];
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const silent: LossContext<void> = { state: undefined, kimg: 0, report: () => {} };

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

describe('nonSaturating', () => {
  const scored = (scores: readonly number[]) => () => ({ scores: tensor2d([...scores], [scores.length, 1]), features: {} });

  it('has one loss per network', () => {
    expect(nonSaturating().map((loss) => [loss.network, loss.weight, loss.interval])).toEqual([['G', 1, undefined], ['D', 1, undefined]]);
  });

  it('is softplus of the scores, per sample, and reports scores and signs', () =>
    tidy(() => {
      const reported: Record<string, number[]> = {};
      const context = { ...silent, report: (name: string, v: Tensor | number) => void (reported[name] = values(v as Tensor)) };
      const g = nonSaturatingGenerator().compute({ fakeScore: scored([1, -2]) } as unknown as GeneratorPhase, context);
      values(g.loss).forEach((v, i) => expect(v).toBeCloseTo(softplus([-1, 2][i]!), 6));
      expect(g.loss.shape).toEqual([2]);
      expect(reported['Loss/scores/fake']).toEqual([1, -2]);
      const phase = { fakeScore: scored([1, -2]), realScore: scored([3, 0]) } as unknown as DiscriminatorPhase;
      const d = nonSaturatingDiscriminator().compute(phase, context);
      const wanted = [softplus(1) + softplus(-3), softplus(-2) + softplus(0)];
      values(d.loss).forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 6));
      expect(reported['Loss/signs/real']).toEqual([1, 0]);
    }));
});

describe('r1', () => {
  it('is the squared gradient of the scores by the images, and differentiable in the parameters', () =>
    tidy(() => {
      // D(x) = a Σ x², so ∂D/∂x = 2ax, penalty 4a²Σx² and d penalty/da = 8aΣx².
      const a = scalar(0.5);
      const real = tensor4d([1, 2, 0, 3], [2, 1, 2, 1]);
      const score: TappedScore = (images) => mul(sum(square(images), [1, 2, 3]), a);
      const loss = r1({ gamma: 10 });
      expect([loss.weight, loss.interval]).toEqual([5, 16]);
      const phase = { real, score } as unknown as DiscriminatorPhase;
      expect(values(loss.compute(phase, silent).loss)).toEqual([5, 9]);
      const { grads } = vjp(() => mean(loss.compute(phase, silent).loss), [a]);
      expect(values(grads[0]!)[0]).toBeCloseTo((8 * 0.5 * (5 + 9)) / 2, 5);
      expect(score(real, noTap).shape).toEqual([2]);
    }));
});

describe('pathLength', () => {
  const shape = [2, 3, 2, 1] as const; // [N,H,W,C]

  /** Images = a · (ws summed over w), laid out over the pixels: the Jacobian is a, whatever ws. */
  function phaseOf(a: Scalar, ws: Tensor3D): GeneratorPhase {
    const images = (): Tensor4D => reshape(mul(sum(ws, 2), a), [...shape]);
    return { z: tensor2d([0, 0, 0, 0], [4, 1]) as Tensor2D, rng: createRng(3), sample: () => ({ images: images(), ws }) } as unknown as GeneratorPhase;
  }
  const wsOf = (): Tensor3D => tensor3d(Array.from({ length: 2 * 6 * 5 }, (_, i) => i / 10), [2, 6, 5]);

  it('penalizes the distance from the running mean, which moves and passes the gradient', () =>
    tidy(() => {
      const [a, ws, plMean] = [scalar(2), wsOf(), scalar(0.3)];
      const loss = pathLength({ decay: 0.1 });
      expect([loss.weight, loss.interval]).toEqual([2, 4]);
      // ∂/∂ws = a·noise, repeated over the 5 features: length = a √(mean over ws of 5 noise²).
      const noise = createRng(3).split('pathLength').normalTensor<Tensor4D>(shape);
      const unit = values(mul(noise, 1 / Math.sqrt(6)));
      const unitLengths = [0, 1].map((n) => Math.sqrt(unit.slice(6 * n, 6 * n + 6).reduce((s, v) => s + 5 * v * v, 0) / 6));
      const meanOf = (v: readonly number[]): number => (v[0]! + v[1]!) / 2;
      const movedAt = (x: number): number => 0.3 + 0.1 * (x * meanOf(unitLengths) - 0.3);
      const penaltyAt = (x: number): number => meanOf(unitLengths.map((u) => (x * u - movedAt(x)) ** 2));

      const run = () => loss.compute(phaseOf(a, ws), { ...silent, state: { plMean } });
      let state: number[] = [];
      const { value, grads } = vjp(() => {
        const result = run();
        state = values(result.state!.plMean);
        return mean(result.loss) as Scalar;
      }, [a]);
      expect(values(value)[0]).toBeCloseTo(penaltyAt(2), 5);
      expect(state[0]).toBeCloseTo(movedAt(2), 6);
      expect(values(grads[0]!)[0]).toBeCloseTo((penaltyAt(2.001) - penaltyAt(1.999)) / 0.002, 4);
    }));

  it('shrinks its batch, starts at 0 and is the same for the same seed', () =>
    tidy(() => {
      const counts: number[] = [];
      const [a, ws] = [scalar(1), wsOf()];
      const loss = pathLength({ batchShrink: 3 });
      const state = loss.init!();
      expect(values(state.plMean)).toEqual([0]);
      const phase = phaseOf(a, ws);
      const counted = { ...phase, sample: (count: number) => (counts.push(count), phase.sample(count)) };
      const run = (): number[] => {
        let out: number[] = [];
        vjp(() => {
          const { loss: penalty } = loss.compute(counted, { ...silent, state });
          out = values(penalty);
          return mean(penalty);
        }, [ws]);
        return out;
      };
      expect(run()).toEqual(run());
      expect(counts).toEqual([1, 1]);
    }));

  it('leaves nothing on the engine', () => {
    const before = engine().state.numTensors;
    tidy(() => {
      const ws = wsOf();
      vjp(() => mean(pathLength().compute(phaseOf(scalar(1), ws), { ...silent, state: { plMean: scalar(0) } }).loss), [ws]);
    });
    expect(engine().state.numTensors).toBe(before);
  });
});
