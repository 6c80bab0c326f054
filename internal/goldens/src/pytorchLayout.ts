import { tensor, type Tensor, type Tensor4D, transpose } from '@tensorflow/tfjs-core';
import type { StoredArray } from './goldenCase.js';

/** NCHW → NHWC. */
export const toNhwc = (x: Tensor): Tensor4D => transpose(x as Tensor4D, [0, 2, 3, 1]);
/** NHWC → NCHW. */
export const toNchw = (x: Tensor): Tensor4D => transpose(x as Tensor4D, [0, 3, 1, 2]);
/** OIHW → HWIO. */
export const toHwio = (w: Tensor): Tensor4D => transpose(w as Tensor4D, [2, 3, 1, 0]);
/** HWIO → OIHW. */
export const toOihw = (w: Tensor): Tensor4D => transpose(w as Tensor4D, [3, 2, 0, 1]);
/** A stored array as a tensor, in PyTorch's layout. */
export const tensorOf = <T extends Tensor>({ shape, data }: StoredArray): T => tensor(data, [...shape]) as T;
