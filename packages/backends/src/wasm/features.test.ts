import { describe, expect, it } from 'vitest';
import { engine, mean, setBackend, sum, type Tensor, type Tensor2D, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { COLUMN_SUM, demodulation, resizeBilinear, scaleChannels, SEL_MODULATE_GRAD, selModulate, SPATIAL_SUM } from '@spatialgan/ops';
import { kernelsOf } from '@spatialgan-internal/test-kit/kernelsOf';
import { expectAlike, prepareBoth } from './alike.test-kit.js';

prepareBoth();

const modulate = (x: Tensor, scale: Tensor, shift: Tensor): Tensor4D => selModulate(x as Tensor4D, scale as Tensor4D, shift as Tensor4D);

describe('selModulate on wasm', () => {
  it('normalizes two pixels to -1 and 1 before it scales and shifts', async () => {
    await setBackend('wasm');
    const y = tidy(() => modulate(tensor4d([1, 8, 3, 4], [1, 1, 2, 2]), tensor4d([2, 3], [1, 1, 2, 1]), tensor4d([10, 20], [1, 1, 2, 1])));
    const expected = [8, 12, 23, 17];
    [...y.dataSync()].forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 4));
    y.dispose();
  });

  for (const [N, h, w, C] of [[3, 5, 7, 32], [2, 8, 8, 5], [1, 9, 16, 21], [2, 1, 5, 1], [4, 12, 12, 64]] as const) {
    const [x, map] = [[N, h, w, C], [N, h, w, 1]] as const;
    it(`is the composite at [${x}], its gradients included`, async () => {
      await expectAlike([x, map, map, x], (a, scale, shift, dy) => tidy(() => {
        const { value, grads } = vjp(() => modulate(a!, scale!, shift!), [a!, scale!, shift!], dy as Tensor4D);
        return [value, ...grads];
      }), 5e-6);
    });
  }

  it('has the second order of the composite', async () => {
    const [x, map] = [[2, 4, 3, 6], [2, 4, 3, 1]] as const;
    await expectAlike([x, map, map, x, x, map], (a, scale, shift, dy, ddx, ddScale) => tidy(() => {
      const first = (): readonly Tensor[] => vjp(() => modulate(a!, scale!, shift!), [a!, scale!, shift!], dy as Tensor4D).grads;
      return [...vjp(() => first()[0]!, [a!, scale!, dy!], ddx!).grads, ...vjp(() => first()[1]!, [a!, dy!], ddScale!).grads];
    }), 2e-5);
  });

  it('computes its gradient in one kernel where nobody differentiates it, and by the composite elsewhere', async () => {
    await setBackend('wasm');
    const once = (x: Tensor4D): Tensor => vjp(() => modulate(x, mean(x, 3, true), mean(x, 3, true)), [x]).grads[0]!;
    const x = tensor4d([1, 8, 3, 4], [1, 1, 2, 2]);
    expect(kernelsOf(() => once(x)).filter((name) => name === SEL_MODULATE_GRAD)).toHaveLength(1);
    expect(kernelsOf(() => vjp(() => once(x), [x]))).not.toContain(SEL_MODULATE_GRAD);
    x.dispose();
  });
});

describe('the parts of the modulated convolution on wasm', () => {
  for (const [N, h, w, C] of [[3, 5, 7, 32], [2, 9, 8, 21], [1, 3, 2, 3], [16, 12, 12, 16]] as const) {
    it(`channels of [${[N, h, w, C]}] scaled, to the second order`, async () => {
      const [x, scale] = [[N, h, w, C], [N, C]] as const;
      await expectAlike([x, scale, x, x], (a, s, dy, ddx) => tidy(() => {
        const first = (): ReturnType<typeof vjp> => vjp(() => scaleChannels(a as Tensor4D, s as Tensor2D), [a!, s!], dy as Tensor4D);
        const { value, grads } = first();
        return [value, ...grads, ...vjp(() => first().grads[0]!, [s!, dy!], ddx!).grads];
      }), 2e-6);
    });
  }
  for (const [k, I, O, N] of [[3, 8, 12, 4], [1, 5, 3, 2], [3, 17, 33, 1]] as const) {
    it(`the demodulation of ${k}×${k}, ${I}→${O} by ${N} styles, to the second order`, async () => {
      await expectAlike([[k, k, I, O], [N, I], [N, O], [N, I]], (weight, styles, dy, ddStyles) => tidy(() => {
        const first = (): ReturnType<typeof vjp> => vjp(() => demodulation(weight as Tensor4D, styles as Tensor2D), [weight!, styles!], dy as Tensor2D);
        const { value, grads } = first();
        return [value, ...grads, ...vjp(() => first().grads[1]!, [weight!, styles!, dy!], ddStyles!).grads];
      }), 1e-5);
    });
  }
});

describe('resizing on wasm', () => {
  for (const [from, size, C] of [[[4, 4], [8, 8], 3], [[5, 3], [9, 1], 4], [[1, 1], [3, 5], 8], [[8, 6], [3, 4], 1], [[2, 7], [33, 20], 17]] as const) {
    it(`[${from}] to [${size}] with ${C} channels, forward and back`, async () => {
      await expectAlike([[3, ...from, C], [3, ...size, C]], (x, dy) => tidy(() => {
        const { value, grads } = vjp(() => resizeBilinear(x as Tensor4D, size), [x!], dy as Tensor4D);
        return [value, ...grads];
      }), 2e-6);
    });
  }
});

describe('sums on wasm', () => {
  const kernel = (name: string, x: Tensor): Tensor => engine().runKernel(name, { x }, { shape: x.shape });
  for (const shape of [[3, 5, 7, 4], [2, 70, 65, 6], [1, 300, 200, 1], [5, 64, 64, 16]] as const) {
    it(`over pixels, over rows, over everything of [${shape}]`, async () => {
      await expectAlike([shape], (x) => tidy(() => {
        vjp(() => resizeBilinear(x as Tensor4D, [1, 1]), [x!]); // registers what the cpu backend has only on use
        return [sum(x!), mean(x!, [0, 1]), sum(x!, 3), sum(x!, [1, 2], true)];
      }), 1e-5);
      await setBackend('wasm');
      const ones = tidy(() => tensor4d(new Float32Array(shape.reduce((a: number, b) => a * b, 1)).fill(1), [...shape]));
      const [pixels, rows] = [kernel(SPATIAL_SUM, ones), kernel(COLUMN_SUM, ones)];
      expect(new Set(pixels.dataSync())).toEqual(new Set([shape[1] * shape[2]]));
      expect(new Set(rows.dataSync())).toEqual(new Set([shape[0] * shape[1] * shape[2]]));
      [ones, pixels, rows].forEach((t) => t.dispose());
    });
  }
});
