import { add, mul, tensor4d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { AugmentStrengths } from './augmentConfig.js';
import type { AugmentDraws } from './augmentDraws.js';

interface CorruptionDraws {
  readonly draws: AugmentDraws;
  readonly rate: number;
  readonly strengths: AugmentStrengths;
  readonly p: number;
}

/** Adds noise of a strength drawn per sample. Differentiable: any order. @param images [N,H,W,C]. */
export function addNoise(images: Tensor4D, { draws, rate, strengths, p }: CorruptionDraws): Tensor4D {
  const [N] = images.shape;
  const strength = draws.normal(N).map((z) => Math.abs(z) * strengths.noiseStd);
  const gates = draws.gate(N, rate * p);
  return tidy(() => {
    const sigma = tensor4d(strength.map((s, n) => (gates[n] ? s : 0)), [N, 1, 1, 1]);
    return add(images, mul(draws.noise.normalTensor(images.shape), sigma)) as Tensor4D;
  });
}

/** Erases a square around a random centre. Differentiable: any order. @param images [N,H,W,C]. */
export function cutOut(images: Tensor4D, { draws, rate, strengths, p }: CorruptionDraws): Tensor4D {
  const [N, H, W] = images.shape;
  const gates = draws.gate(N, rate * p);
  const centers = draws.uniform(N, 2);
  const far = (index: number, size: number, center: number): boolean =>
    Math.abs((index + 0.5) / size - center) >= strengths.cutoutSize / 2;
  const mask = new Float32Array(N * H * W);
  for (let i = 0; i < mask.length; i++) {
    const n = Math.floor(i / (H * W));
    const outside = far(i % W, W, centers[2 * n]!) || far(Math.floor(i / W) % H, H, centers[2 * n + 1]!);
    mask[i] = !gates[n] || outside ? 1 : 0;
  }
  return tidy(() => mul(images, tensor4d(mask, [N, H, W, 1])) as Tensor4D);
}
