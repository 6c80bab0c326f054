import { conv2d as stockConv2d, dispose, engine, type NamedAttrMap, randomNormal, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { CONV2D, conv2d, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD } from '@spatialgan/ops';
import { interleaved, type Piece } from './timing.js';

/** The measured convolution: 3×3, 64 → 64 channels, 64×64, batch 8. */
const [BATCH, SIDE, CHANNELS, KERNEL] = [8, 64, 64, 3];

/** Multiply-adds of each of the three, counted as two operations. */
const FLOPS = 2 * BATCH * SIDE ** 2 * CHANNELS ** 2 * KERNEL ** 2;

/** What each piece costs. */
export interface ConvolutionRate {
  readonly name: string;
  readonly ms: number;
  readonly gflops: number;
  /** Rate over that of the backend's stock Conv2D forward, in the same run. */
  readonly ratio: number;
}

const kernel = (name: string, inputs: Record<string, Tensor>, attrs: object): Tensor =>
  engine().runKernel(name, inputs, attrs as NamedAttrMap) as Tensor;

/** Times our three convolution kernels and the stock Conv2D in turn, in medians over `rounds`. */
export async function convolutionRates(rounds: number): Promise<readonly ConvolutionRate[]> {
  const x = randomNormal([BATCH, SIDE, SIDE, CHANNELS]) as Tensor4D;
  const dy = randomNormal([BATCH, SIDE, SIDE, CHANNELS]);
  const filter = randomNormal([KERNEL, KERNEL, CHANNELS, CHANNELS]) as Tensor4D;
  const attrs = { stride: 1, padding: [1, 1, 1, 1] };
  // On a backend without kernels of ours the first use registers the plain forms.
  dispose(vjp(() => conv2d(x, filter, { padding: 1 }), [x, filter], dy) as unknown as Tensor[]);
  const piece = (compute: () => Tensor): Piece => async () => {
    const out = compute();
    await out.data();
    out.dispose();
  };
  const times = await interleaved({
    stock: piece(() => stockConv2d(x, filter, 1, 'same')),
    forward: piece(() => kernel(CONV2D, { x, filter }, attrs)),
    inputGrad: piece(() => kernel(CONV2D_INPUT_GRAD, { dy, filter }, { ...attrs, size: [SIDE, SIDE] })),
    filterGrad: piece(() => kernel(CONV2D_FILTER_GRAD, { x, dy }, { ...attrs, size: [KERNEL, KERNEL] })),
  }, rounds);
  dispose([x, dy, filter]);
  const rate = (name: string, ms: number): ConvolutionRate => ({ name, ms, gflops: FLOPS / ms / 1e6, ratio: times.stock / ms });
  return [
    rate('stock Conv2D forward', times.stock), rate('forward', times.forward),
    rate('input gradient', times.inputGrad), rate('filter gradient', times.filterGrad),
  ];
}
