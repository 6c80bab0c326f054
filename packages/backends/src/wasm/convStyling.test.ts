import { describe, expect, it } from 'vitest';
import { setBackend, slice, tensor, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { convLayer, CONV2D_LRELU, CONV2D_STYLED, LRELU_BIAS_GRAD, modulatedConv2d, type ModulatedConv2dOptions, setupFilter } from '@spatialgan/ops';
import { ownKernelsOf } from '@spatialgan-internal/test-kit/kernelsOf';
import { expectAlike, prepareBoth, values } from './alike.test-kit.js';

prepareBoth();

const draw = <T extends Tensor>(shape: readonly number[], label: string): T => tensor(values(shape, label), [...shape]) as T;

const shapes = [[3, 16, 16, 16, 24, 3], [2, 4, 4, 64, 32, 3], [1, 40, 36, 16, 16, 3], [5, 7, 9, 12, 3, 1], [2, 9, 9, 5, 7, 3], [2, 8, 8, 13, 9, 1]] as const;

describe('a styled convolution on wasm', () => {
  const run = ([N, h, w, I, O, k]: typeof shapes[number], { shared = true, from = 0, count = N as number, ...options }: ModulatedConv2dOptions & { shared?: boolean; from?: number; count?: number }) => {
    const up = options.up ?? 1;
    const [x, s] = [draw<Tensor4D>([N, h, w, I], 'x'), draw<Tensor2D>([N, I], 's')];
    const noise = draw<Tensor4D>([shared ? 1 : N, h * up, w * up, 1], 'n');
    return {
      x: slice(x, [from, 0, 0, 0], [count, h, w, I]) as Tensor4D,
      f: (input: Tensor4D): Tensor4D => modulatedConv2d(input, draw([k, k, I, O], 'w'), slice(s, [from, 0], [count, I]) as Tensor2D, {
        padding: (k - 1) / 2, bias: draw<Tensor1D>([O], 'b'), noise: shared ? noise : slice(noise, [from, 0, 0, 0], [count, h * up, w * up, 1]), act: 'lrelu', ...options,
      }),
    };
  };

  for (const shape of shapes) {
    for (const options of [{ shared: true }, { shared: false, clamp: 0.7 }, { demodulate: false, act: 'linear' }] as const) {
      it(`of [${shape}] gives the bits of its parts, ${JSON.stringify(options)}`, async () => {
        await setBackend('wasm');
        tidy(() => {
          const { x, f } = run(shape, options);
          const taped = vjp(() => f(x), [x]).value;
          expect(ownKernelsOf(() => f(x))).toContain(CONV2D_STYLED);
          expect([...f(x).dataSync()]).toEqual([...taped.dataSync()]);
        });
      });
    }
  }

  it('gives an image the same bits alone and in a batch', async () => {
    await setBackend('wasm');
    for (const shape of shapes) {
      for (const shared of [true, false]) {
        const whole = tidy(() => { const { x, f } = run(shape, { shared }); return [...f(x).dataSync()]; });
        const single = Array.from({ length: shape[0] }, (_, n) => tidy(() => { const { x, f } = run(shape, { shared, from: n, count: 1 }); return [...f(x).dataSync()]; }));
        expect(single.flat()).toEqual(whole);
      }
    }
  });

  it('is one call without up-sampling, and a scaling, a convolution, a filter and an activation with it', async () => {
    await setBackend('wasm');
    tidy(() => {
      const plain = run(shapes[0], {});
      expect(ownKernelsOf(() => plain.f(plain.x))).toEqual(['SpatialganDemodulation', CONV2D_STYLED]);
      const { x, f } = run(shapes[0], { up: 2, resampleFilter: setupFilter([1, 3, 3, 1]), flipWeight: false });
      expect(ownKernelsOf(() => f(x))).toEqual([
        'SpatialganDemodulation', 'SpatialganScaleChannels', 'SpatialganConv2dInputGrad', 'SpatialganUpfirdn2d', 'SpatialganStyledActivation',
      ]);
    });
  });
});

describe('a convolution with its activation on wasm', () => {
  const f = [1, 3, 3, 1];
  for (const [[N, h, w, I, O, k], options] of [
    [[3, 16, 16, 16, 24, 3], { act: 'lrelu' }], [[2, 9, 9, 5, 7, 3], { act: 'relu', gain: 0.5 }], [[3, 16, 16, 12, 16, 3], { act: 'lrelu', down: 2 }],
    [[2, 8, 8, 13, 9, 1], { act: 'linear', gain: 0.5 }], [[2, 8, 8, 8, 8, 1], { act: 'lrelu', down: 2 }], [[2, 6, 6, 8, 8, 3], { act: 'lrelu', convClamp: 0.8 }],
    [[2, 5, 5, 8, 12, 3], { act: 'lrelu', up: 2 }],
  ] as const) {
    it(`of [${[N, h, w, I, O, k]}] is the composite to the second order, ${JSON.stringify(options)}`, async () => {
      const size = 'down' in options ? h / 2 : 'up' in options ? h * 2 : h;
      const y = [N, size, size * w / h, O] as const;
      await expectAlike([[N, h, w, I], [k, k, I, O], [O], y, [N, h, w, I]], (x, weight, bias, dy, ddx) => tidy(() => {
        const layer = (): Tensor4D => convLayer(x as Tensor4D, { weight: weight as Tensor4D, bias: bias as Tensor1D }, { resampleFilter: setupFilter(f), ...options });
        const first = (): ReturnType<typeof vjp> => vjp(layer, [x!, weight!, bias!], dy as Tensor4D);
        const { value, grads } = first();
        return [value, ...grads, ...vjp(() => first().grads[0]!, [weight!, dy!], ddx!).grads];
      }), 1e-5);
    });
  }

  it('keeps its result for the gradient, not what it was before the activation', async () => {
    await setBackend('wasm');
    tidy(() => {
      const [x, weight, bias] = [draw<Tensor4D>([2, 8, 8, 8], 'x'), draw<Tensor4D>([3, 3, 8, 8], 'w'), draw<Tensor1D>([8], 'b')];
      expect(ownKernelsOf(() => vjp(() => convLayer(x, { weight, bias }, { act: 'lrelu' }), [x, weight, bias]))).toEqual([
        CONV2D_LRELU, LRELU_BIAS_GRAD, 'SpatialganConv2dInputGrad', 'SpatialganConv2dFilterGrad',
      ]);
    });
  });
});
