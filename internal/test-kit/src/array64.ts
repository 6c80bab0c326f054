import { createRng } from '@spatialgan/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

/** A row-major array in double precision: what the independent references compute with. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const array64 = (shape: readonly number[], data: ArrayLike<number> = new Float64Array(sizeOf(shape))): Array64 =>
  ({ shape, data: Float64Array.from(data) });

/** N(0, scale²) entries that float32 holds exactly, so that both precisions see the same input. */
export function randomArray(shape: readonly number[], { seed = 1, label = 'x', scale = 1, offset = 0 } = {}): Array64 {
  const rng = createRng(seed).split(label);
  return array64(shape, Float32Array.from({ length: sizeOf(shape) }, () => offset + scale * rng.normal()));
}

/** The array on the active backend. The caller owns it. */
export const toTensor = <T extends Tensor>({ shape, data }: Array64): T => tensor(Float32Array.from(data), [...shape]) as T;

/** A result filled by index, e.g. `build([2, 3], ([i, j]) => …)`. */
export function build(shape: readonly number[], entry: (index: readonly number[]) => number): Array64 {
  const out = array64(shape);
  const index = shape.map(() => 0);
  for (let at = 0; at < out.data.length; at++) {
    out.data[at] = entry(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return out;
}

/** The entry at an index, 0 outside. */
export function at({ shape, data }: Array64, ...index: readonly number[]): number {
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    const i = index[axis]!;
    if (i < 0 || i >= shape[axis]!) return 0;
    flat = flat * shape[axis]! + i;
  }
  return data[flat]!;
}
