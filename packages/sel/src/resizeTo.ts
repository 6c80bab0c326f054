import type { Tensor4D } from '@tensorflow/tfjs-core';
import { resizeBilinear } from '@spatialgan/ops';

/** [N,s,t,K] → [N,h,w,K], bilinear with aligned corners; the tensor itself when it fits already. */
export function resizeTo(map: Tensor4D, [h, w]: readonly [h: number, w: number]): Tensor4D {
  return map.shape[1] === h && map.shape[2] === w ? map : resizeBilinear(map, [h, w]);
}
