import '@tensorflow/tfjs-backend-cpu';
import {
  add, engine, mean, mul, ready, setBackend, square, sum, type Tensor, tensor1d, tensor4d, type Scalar, type Tensor1D, type Tensor2D, type Tensor3D,
  type Tensor4D, tidy, zeros,
} from '@tensorflow/tfjs-core';
import {
  type AttentionExtractor, collectTaps, createRng, type GeneratorPhase, isSpatialGANError, type LossContext, type TappedScore, vjp,
} from '@spatialgan/core';
import { gradCam } from '@spatialgan/gradcam';
import { conv2d, registerGradients, resizeBilinear } from '@spatialgan/ops';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { alignAttention } from './alignAttention.js';
import { l1Alignment } from './l1Alignment.js';
import { candidateDistances, minAlignment } from './minAlignment.js';
import { truncatedL1, type Truncation } from './truncatedL1.js';

const values = (x: Tensor): number[] => [...x.dataSync()];
const close = (got: Tensor | readonly number[], wanted: readonly number[]): void => {
  const list = Array.isArray(got) ? got : values(got as Tensor);
  expect(list).toHaveLength(wanted.length);
  list.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5));
};
const random = (label: string, shape: readonly number[]): Tensor4D => createRng(4).split(label).uniformTensor<Tensor4D>(shape);

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

describe('truncatedL1', () => {
  const truncated = (d: readonly number[], truncation: Truncation): { loss: number; slope: number[] } =>
    tidy(() => {
      const difference = tensor1d([...d]);
      const { value, grads } = vjp(() => truncatedL1<Scalar>(difference, { tau: 0.25, truncation }), [difference]);
      return { loss: values(value)[0]!, slope: values(grads[0]!) };
    });

  it('leaves small differences out as each reading says', () => {
    const d = [0.5, -1, 0.25, 0.1];
    const zero = truncated(d, 'zero');
    close([zero.loss], [1.5 / 4]);
    close(zero.slope, [0.25, -0.25, 0, 0]);
    const kept = truncated(d, 'kept');
    close([kept.loss], [1.5 / 2]);
    close(kept.slope, [0.5, -0.5, 0, 0]);
    const scalar = truncated(d, 'scalar');
    close([scalar.loss], [1.85 / 4]);
    close(scalar.slope, [0.25, -0.25, 0.25, 0.25]);
    close([truncated([0.2, 0.1], 'scalar').loss], [0]);
  });

  it('takes the plain mean when at most one is kept (reference code)', () => {
    close([truncated([0.5, 0.1, 0, 0.2], 'kept').loss], [0.2]);
    close(truncated([0.5, 0.1, 0, -0.2], 'kept').slope, [0.25, 0.25, 0, -0.25]);
  });

  it('is never above the plain mean unless the mean is over the kept ones, and 0 at 0', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), (d) => {
        const plain = d.reduce((total, v) => total + Math.abs(v), 0) / d.length;
        expect(truncated(d, 'zero').loss).toBeLessThanOrEqual(plain + 1e-6);
        expect(truncated(d, 'scalar').loss).toBeLessThanOrEqual(plain + 1e-6);
        expect(truncated(d, 'kept').loss).toBeGreaterThanOrEqual(plain - 1e-6);
        close([truncated(d.map(() => 0), 'kept').loss], [0]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('l1Alignment', () => {
  const attention = (): Tensor4D => tensor4d([0, 2, 4, 1, 1, 1, 1, 1], [2, 2, 2, 1]);

  it('compares at the attention size with the clipped sum of the regions (paper)', () =>
    tidy(() => {
      // Regions add up to [0.5, 1.5 → 1, 1, 0]; attention scales to [0, ½, 1, ¼] and, constant, to 0.
      const one = [0.5, 0, 1, 0.5, 0.5, 0.5, 0, 0];
      const heatmap = tensor4d([...one, ...one], [2, 2, 2, 2]);
      const distance = l1Alignment().distance(attention(), heatmap);
      close(distance, [(0.5 + 0.5 + 0 + 0) / 4, (0.5 + 1 + 1 + 0) / 4]);
      expect(l1Alignment().batchDistance).toBeUndefined();
    }));

  it('compares at the heatmap size and averages over the kept entries of the batch (reference)', () =>
    tidy(() => {
      const loss = l1Alignment({ reading: 'reference' });
      const heatmap = tensor4d([1, 0.5, 1, 0, 0.01, 0.01, 0.01, 1.01], [2, 2, 2, 1]);
      // |d| = [1, 0, 0, ¼] and [.01, .01, .01, 1.01]: two entries above ¼.
      close(loss.batchDistance!(attention(), heatmap), [2.01 / 2]);
      close(loss.distance(attention(), heatmap), [1.25 / 4, 1.04 / 4]);
      const fine = random('fine', [2, 8, 8, 2]);
      const resized = resizeBilinear(attention(), [8, 8]);
      close(loss.batchDistance!(attention(), fine), values(loss.batchDistance!(resized, fine)));
    }));

  it('gives a dead attention no gradient and leaves nothing behind', () => {
    const heatmap = random('h', [2, 2, 2, 2]);
    const map = attention();
    const before = engine().state.numTensors;
    tidy(() => {
      for (const reading of ['paper', 'reference'] as const) {
        const { grads } = vjp(() => l1Alignment({ reading }).distance(map, heatmap), [map]);
        close(values(grads[0]!).slice(4), [0, 0, 0, 0]);
        expect(values(grads[0]!).slice(0, 4).some((g) => g !== 0)).toBe(true);
      }
    });
    l1Alignment().distance(map, heatmap).dispose();
    l1Alignment({ reading: 'reference' }).batchDistance!(map, heatmap).dispose();
    expect(engine().state.numTensors).toBe(before);
    map.dispose();
    heatmap.dispose();
  });

  it('names shapes that do not fit', () => {
    tidy(() => {
      expect(() => l1Alignment().distance(zeros([2, 4, 4, 3]), zeros([2, 4, 4, 1]))).toThrow(/l1Alignment: attention: expected \[N,\*,\*,1\]/);
      expect(() => minAlignment().distance(zeros([2, 4, 4, 1]), zeros([3, 4, 4, 1]))).toThrow(/minAlignment: heatmap: expected \[2,/);
    });
  });
});

describe('minAlignment', () => {
  it('takes the nearest of the regions and their union, per sample', () =>
    tidy(() => {
      // Sample 0 looks at region 1, sample 1 at both.
      const attention = tensor4d([0, 0, 1, 0, 1, 0, 1, 0], [2, 2, 2, 1]);
      const regions = [1, 0, 0, 0, 0, 1, 0, 0];
      const heatmap = tensor4d([...regions, ...regions], [2, 2, 2, 2]);
      close(candidateDistances(attention, heatmap), [0.5, 0, 0.25, 0.25, 0.25, 0]);
      close(minAlignment().distance(attention, heatmap), [0, 0]);
    }));

  it('sends its gradient to the chosen candidate alone', () =>
    tidy(() => {
      const attention = tensor4d([0, 1, 0.5, 0], [1, 2, 2, 1]);
      const heatmap = tensor4d([0, 1, 1, 1, 1, 1, 0, 0], [1, 2, 2, 2]);
      const near = tensor4d([0, 1, 1, 0], [1, 2, 2, 1]);
      const slope = (f: () => Tensor1D): number[] => values(vjp(f, [attention]).grads[0]!);
      close(slope(() => minAlignment().distance(attention, heatmap)), slope(() => l1Alignment().distance(attention, near)));
    }));
});

describe('alignAttention', () => {
  const context: LossContext<void> = { state: undefined, kimg: 0, report: () => {} };

  /** A discriminator of two convolutions and a generator that returns its argument. */
  function stub(): { readonly score: TappedScore; phaseOf(images: Tensor4D): GeneratorPhase; passes(): number } {
    const filters = [random('f0', [3, 3, 3, 4]), random('f1', [3, 3, 4, 4])].map((f) => add(f, -0.4) as Tensor4D);
    let passes = 0;
    const score: TappedScore = (images, tap) => {
      passes++;
      const a = tap('b8', conv2d(images, filters[0]!, { padding: 'same' }));
      const b = tap('b16', conv2d(a, filters[1]!, { padding: 'same', stride: 2 }));
      return mean(square(b), [1, 2, 3]);
    };
    const heatmaps = new Map([[4, random('h4', [2, 8, 8, 1])], [8, random('h8', [2, 4, 4, 2])]]);
    const phaseOf = (images: Tensor4D): GeneratorPhase => {
      const fake = { images, ws: images as unknown as Tensor3D };
      const { tap, features } = collectTaps();
      let scores: Tensor2D | undefined;
      return {
        z: images as unknown as Tensor2D, layouts: [], heatmaps, rng: createRng(0), score, fake: () => fake, sample: () => fake,
        fakeScore: () => ({ scores: (scores ??= score(images, tap) as Tensor2D), features }),
      };
    };
    return { score, phaseOf, passes: () => passes };
  }
  const resolutionOf = (target: string): number => Number(target.slice(1)) / 2;
  const targets = ['b8', 'b16'];

  it('needs no pass of D beyond the shared one, and gives what a second pass would', () =>
    tidy(() => {
      const [images, { phaseOf, passes }] = [random('x', [2, 8, 8, 3]), stub()];
      const shared = gradCam({ targets });
      const { weighPass: _weighPass, ...apart } = shared;
      const run = (extractor: AttentionExtractor): { loss: number[]; grad: number[]; passes: number } => {
        const before = passes();
        const loss = alignAttention({ extractor, loss: l1Alignment({ tau: 0.1 }), resolutionOf });
        const { value, grads } = vjp(() => loss.compute(phaseOf(images), context).loss as Scalar, [images]);
        return { loss: values(value), grad: values(grads[0]!), passes: passes() - before };
      };
      const [once, twice] = [run(shared), run(apart)];
      expect([once.passes, twice.passes]).toEqual([1, 2]);
      close(once.loss, twice.loss);
      close(once.grad, twice.grad);
      expect(once.grad.some((g) => g !== 0)).toBe(true);
    }));

  it('sums the targets, each the mean over the samples, and reports them', () =>
    tidy(() => {
      const [images, { phaseOf }] = [random('x', [2, 8, 8, 3]), stub()];
      const extractor: AttentionExtractor = {
        name: 'energy', targets,
        weigh: () => ({}),
        attend: (_w, f) => Object.fromEntries(targets.map((t) => [t, sum(mul(f[t]!, f[t]!), 3, true) as Tensor4D])),
      };
      const reported: Record<string, number> = {};
      const report = (name: string, value: Tensor | number): void => {
        reported[name] = typeof value === 'number' ? value : values(value)[0]!;
      };
      const loss = { name: 'two', distance: (_a: Tensor4D, h: Tensor4D) => tensor1d([1, h.shape[3]]) };
      const { loss: total } = alignAttention({ extractor, loss, resolutionOf }).compute(phaseOf(images), { ...context, report });
      close(total, [1 + 1.5]);
      expect(reported).toEqual({ 'Loss/G/align/b8': 1, 'Loss/G/align/b16': 1.5, 'Loss/G/align': 2.5 });
    }));

  it('names a target without a heatmap', () => {
    tidy(() => {
      const loss = alignAttention({ extractor: gradCam({ targets }), loss: l1Alignment(), resolutionOf: () => 64 });
      const images = random('x', [2, 8, 8, 3]);
      try {
        vjp(() => loss.compute(stub().phaseOf(images), context).loss as Scalar, [images]);
        expect.unreachable();
      } catch (error) {
        expect(isSpatialGANError(error, 'CONFIG')).toBe(true);
        expect(String(error)).toMatch(/expected a heatmap at 64 for target 'b8', got \[4,8\]/);
      }
    });
  });
});
