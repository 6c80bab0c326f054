import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import type { Rng } from '@spatialgan/core';

/** Drawn images of 24×24 pixels, what is on them and where. */
export interface Shapes {
  /** [N,24,24,3] in [-1, 1]. */
  readonly images: Tensor4D;
  /** 1 where the shape is a disc, 0 where it is a ring. */
  readonly discs: readonly number[];
  /** 1 inside the square around each shape, [N·24·24]. */
  readonly masks: Float32Array;
}

export const SIDE = 24;

/** Discs and rings of random place and size on a noisy ground. */
export function drawShapes(rng: Rng, count: number): Shapes {
  const values = new Float32Array(count * SIDE * SIDE * 3);
  const masks = new Float32Array(count * SIDE * SIDE);
  const discs = Array.from({ length: count }, (_, n) => {
    const disc = rng.uniform() < 0.5;
    const [x, y, radius] = [6 + 12 * rng.uniform(), 6 + 12 * rng.uniform(), 3 + 2 * rng.uniform()];
    for (let i = 0; i < SIDE * SIDE; i++) {
      const distance = Math.hypot((i % SIDE) - x, Math.floor(i / SIDE) - y);
      const inside = distance < radius && (disc || distance > radius * 0.55);
      const at = n * SIDE * SIDE + i;
      masks[at] = distance < radius + 2 ? 1 : 0;
      for (let c = 0; c < 3; c++) values[at * 3 + c] = (inside ? 0.8 : -0.6) + 0.15 * rng.normal();
    }
    return disc ? 1 : 0;
  });
  return { images: tensor4d(values, [count, SIDE, SIDE, 3]), discs, masks };
}
