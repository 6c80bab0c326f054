import { clone, engine, image, reshape, type Tensor, type Tensor4D, zeros } from '@tensorflow/tfjs-core';
import { assertShape, SpatialGANError } from '@spatialgan/core';
import { type KernelOp, runKernelOp } from './fusedOp.js';
import { RESIZE, RESIZE_GRAD } from './kernelNames.js';

interface ResizeAttrs {
  /** [h, w] to resize to. */
  readonly size: readonly [number, number];
  /** [H, W] to resize from. */
  readonly from: readonly [number, number];
}

const resizeOp: KernelOp<ResizeAttrs> = {
  kernelName: RESIZE,
  forward: ({ x }, { size }) => image.resizeBilinear(x as Tensor4D, [...size], true),
  gradient: {
    gradFunc: (dy, _, attrs) => ({ x: () => runKernelOp(gradOp, { dy: dy as Tensor }, attrs as unknown as ResizeAttrs) }),
  },
};

const gradOp: KernelOp<ResizeAttrs> = {
  kernelName: RESIZE_GRAD,
  forward: ({ dy }, { from }) => {
    const [N, , , C] = dy!.shape as [number, number, number, number];
    const images = zeros([N, ...from, C]);
    // tfjs-cpu labels the result [N,W,H,C].
    return reshape(engine().runKernel<Tensor>('ResizeBilinearGrad', { images, dy: dy! }, { alignCorners: true }), [N, ...from, C]);
  },
  gradient: {
    gradFunc: (ddx, _, attrs) => ({ dy: () => runKernelOp(resizeOp, { x: ddx as Tensor }, attrs as unknown as ResizeAttrs) }),
  },
};

/**
 * Resizes bilinearly with aligned corners (PyTorch's `align_corners=True`), as SEL and the alignment loss do.
 *
 * Linear, so differentiable to any order by the op and its transpose.
 *
 * @param x [N,H,W,C].
 * @param size [h, w].
 * @returns [N,h,w,C], a copy when the size is x's.
 * @throws SpatialGANError 'SHAPE' unless x has four axes and the size is positive.
 */
export function resizeBilinear(x: Tensor4D, size: readonly [number, number]): Tensor4D {
  assertShape('resizeBilinear: x', x.shape, [null, null, null, null]);
  const [h, w] = size;
  if (!(h >= 1 && w >= 1)) throw new SpatialGANError('SHAPE', `resizeBilinear: size must be positive, got [${size}]`);
  const from = [x.shape[1], x.shape[2]] as const;
  return h === from[0] && w === from[1] ? clone(x) : runKernelOp(resizeOp, { x }, { size: [h, w], from });
}
