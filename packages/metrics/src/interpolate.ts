import { add, clipByValue, div, maximum, mul, norm, sub, sum, type Tensor, type Tensor1D, type Tensor2D, acos, cos, expandDims, reshape, sin, tidy } from '@tensorflow/tfjs-core';

const columnLike = (t: Tensor1D, x: Tensor): Tensor => reshape(t, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);

/** a + (b - a) t per sample; a, b [N,…], t [N]. */
export function lerp<T extends Tensor>(a: T, b: T, t: Tensor1D): T {
  return tidy(() => add(a, mul(sub(b, a), columnLike(t, a)))) as T;
}

/**
 * Spherical interpolation of directions: both ends are normalized first, and so is the result.
 *
 * Equal directions give themselves. Not meant to be differentiated.
 *
 * @param a [N,D]. @param b [N,D]. @param t [N].
 * @returns [N,D], rows of length 1.
 */
export function slerp(a: Tensor2D, b: Tensor2D, t: Tensor1D): Tensor2D {
  return tidy(() => {
    const unit = (x: Tensor): Tensor => div(x, maximum(expandDims(norm(x, 'euclidean', -1), -1), 1e-30));
    const [from, to] = [unit(a), unit(b)];
    const cosine = clipByValue(sum(mul(from, to), -1, true), -1, 1);
    const angle = mul(columnLike(t, a), acos(cosine));
    const across = unit(sub(to, mul(cosine, from)));
    return unit(add(mul(from, cos(angle)), mul(across, sin(angle)))) as Tensor2D;
  });
}
