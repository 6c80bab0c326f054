import { conv2d as stockConv2d, dispose, engine, type NamedAttrMap, randomNormal, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD } from '@spatialgan/ops';
import { profileGpu } from './gpuProfile.js';
import { median } from './timing.js';

/** Batch, side, channels in and out, kernel, stride: features of the paper's networks. */
export type ConvShape = readonly [batch: number, side: number, inner: number, outer: number, kernel: number, stride: number];

/** Times of one shape on the GPU, in milliseconds. */
export interface GpuConvolution {
  readonly shape: ConvShape;
  readonly gflop: number;
  readonly ms: Readonly<Record<'stock' | 'forward' | 'inputGrad' | 'filterGrad', number>>;
}

const kernel = (name: string, inputs: Record<string, Tensor>, attrs: object): Tensor =>
  engine().runKernel(name, inputs, attrs as NamedAttrMap) as Tensor;

/** Times tfjs's forward convolution and our three on the GPU, by timestamps. @throws Error where the device has none. */
export async function gpuConvolution(shape: ConvShape, rounds: number): Promise<GpuConvolution> {
  const [N, H, I, O, k, stride] = shape;
  const pad = k >> 1;
  const h = Math.floor((H + 2 * pad - k) / stride) + 1;
  const x = randomNormal([N, H, H, I]) as Tensor4D;
  const dy = randomNormal([N, h, h, O]);
  const filter = randomNormal([k, k, I, O]) as Tensor4D;
  const attrs = { stride, padding: [pad, pad, pad, pad] };
  const pieces = {
    stock: () => stockConv2d(x, filter, stride, pad === 0 ? 'valid' : [[0, 0], [pad, pad], [pad, pad], [0, 0]]),
    forward: () => kernel(CONV2D, { x, filter }, attrs),
    inputGrad: () => kernel(CONV2D_INPUT_GRAD, { dy, filter }, { ...attrs, size: [H, H] }),
    filterGrad: () => kernel(CONV2D_FILTER_GRAD, { x, dy }, { ...attrs, size: [k, k] }),
  };
  const times: Record<keyof typeof pieces, number[]> = { stock: [], forward: [], inputGrad: [], filterGrad: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, piece] of Object.entries(pieces) as [keyof typeof pieces, () => Tensor][]) {
      const costs = await profileGpu(async () => piece().dispose());
      if (!costs) throw new Error('bench:gpu: expected a device with timestamp-query');
      if (round > 0) times[name].push(costs.reduce((sum, { ms }) => sum + ms, 0));
    }
  }
  dispose([x, dy, filter]);
  const ms = Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)])) as GpuConvolution['ms'];
  return { shape, gflop: (2 * N * h * h * I * O * k * k) / 1e9, ms };
}
