import type { TensorInfo } from '@tensorflow/tfjs-core';
import { binary } from './elementwise.js';
import type { WasmHeap } from './heap.js';
import { sharesOf } from './selModulate.js';

/** x [N,h,w,C] · scale [N,C]. */
export function scaleChannels(heap: WasmHeap, x: TensorInfo, scale: TensorInfo): TensorInfo {
  const [N, C] = scale.shape as [number, number];
  return binary(heap, 'Multiply', x, { ...scale, shape: [N, 1, 1, C] })!;
}

/** Its gradient, [dx, dscale]. */
export function scaleChannelsGrad(heap: WasmHeap, { x, scale, dy }: Readonly<Record<'x' | 'scale' | 'dy', TensorInfo>>): TensorInfo[] {
  const [N, h, w, C] = x.shape as [number, number, number, number];
  const out = [heap.output(x.shape), heap.output(scale.shape)];
  const shares = sharesOf(N, C);
  heap.run('scaleChannelsGrad', N * shares, [...[x, scale, dy, ...out].map((t) => heap.address(t)), h * w, C, shares]);
  return out;
}

const sizesOf = (weight: TensorInfo, styles: TensorInfo) => {
  const [kh, kw, I, O] = weight.shape as [number, number, number, number];
  return { taps: kh * kw, I, O, N: styles.shape[0]! };
};

/** 1/√(Σ (w·s)² + epsilon), [N,O]. */
export function demodulation(heap: WasmHeap, { weight, styles }: Readonly<Record<'weight' | 'styles', TensorInfo>>, epsilon: number): TensorInfo {
  const { taps, I, O, N } = sizesOf(weight, styles);
  const out = heap.output([N, O]);
  const [squares] = heap.scratch(I * O * 4) as [number];
  heap.run('demodulate', 1, [...[weight, styles, out].map((t) => heap.address(t)), taps, I, O, N, epsilon, squares]);
  return out;
}

/** Its gradient, [dweight, dstyles]. */
export function demodulationGrad(heap: WasmHeap, { weight, styles, dy }: Readonly<Record<'weight' | 'styles' | 'dy', TensorInfo>>, epsilon: number): TensorInfo[] {
  const { taps, I, O, N } = sizesOf(weight, styles);
  const out = [heap.output(weight.shape), heap.output(styles.shape)];
  const [squares, slopes] = heap.scratch(I * O * 4, N * O * 4) as [number, number];
  heap.run('demodulateGrad', 1, [...[weight, styles, dy, ...out].map((t) => heap.address(t)), taps, I, O, N, epsilon, squares, slopes]);
  return out;
}
