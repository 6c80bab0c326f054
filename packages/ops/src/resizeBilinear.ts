import { clone, matMul, reshape, tensor3d, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape } from '@spatialgan/core';

/** Rows of linear interpolation weights, corners aligned: [1, out, in]. */
function weights(out: number, size: number): Tensor3D {
  const data = new Float32Array(out * size);
  for (let i = 0; i < out; i++) {
    const at = out > 1 ? (i * (size - 1)) / (out - 1) : 0;
    const low = Math.min(Math.floor(at), size - 1);
    const part = at - low;
    data[i * size + low]! += 1 - part;
    if (part > 0) data[i * size + low + 1]! += part;
  }
  return tensor3d(data, [1, out, size]);
}

/**
 * Resizes bilinearly with aligned corners (PyTorch's `align_corners=True`), as SEL and the alignment loss do.
 *
 * Two matrix products; differentiable: any order.
 *
 * @param x [N,H,W,C].
 * @param size [h, w].
 * @returns [N,h,w,C], a copy when the size is x's.
 */
export function resizeBilinear(x: Tensor4D, [h, w]: readonly [number, number]): Tensor4D {
  assertShape('resizeBilinear: x', x.shape, [null, null, null, null]);
  const [N, H, W, C] = x.shape;
  return tidy(() => {
    if (h === H && w === W) return clone(x);
    const tall = h === H ? x : matMul(weights(h, H), reshape(x, [N, H, W * C]));
    const wide = w === W ? tall : matMul(weights(w, W), reshape(tall, [N * h, W, C]));
    return reshape(wide, [N, h, w, C]) as Tensor4D;
  });
}
