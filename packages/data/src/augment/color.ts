import { add, matMul, mul, reshape, tensor3d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import type { AugmentRates, AugmentStrengths } from './augmentConfig.js';
import type { AugmentDraws } from './augmentDraws.js';
import { identity, type Matrix, outer3d, plus, product, rotate3d, scale3d, translate3d } from './matrix.js';

const luma = [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)] as const;
const LUMA = outer3d(luma);
const ONE = identity(4);

interface ColorDraws {
  readonly draws: AugmentDraws;
  readonly rates: AugmentRates;
  readonly strengths: AugmentStrengths;
  readonly p: number;
  readonly batch: number;
  readonly channels: number;
}

/** One affine 4×4 matrix on (r, g, b, 1) per sample; null when no colour transform is on. */
export function drawColors({ draws, rates, strengths, p, batch, channels }: ColorDraws): readonly Matrix[] | null {
  let matrices: readonly Matrix[] | null = null;
  const apply = (values: readonly number[], rate: number, matrixOf: (value: number) => Matrix): void => {
    const gates = draws.gate(batch, rate * p);
    matrices = (matrices ?? values.map(() => ONE)).map((m, n) => (gates[n] ? product(matrixOf(values[n]!), m) : m));
  };
  const { uniform, normal } = draws;
  if (rates.brightness) {
    apply(normal(batch), rates.brightness, (z) => {
      const b = z * strengths.brightnessStd;
      return translate3d(b, b, b);
    });
  }
  if (rates.contrast) {
    apply(normal(batch), rates.contrast, (z) => {
      const c = 2 ** (z * strengths.contrastStd);
      return scale3d(c, c, c);
    });
  }
  if (rates.lumaflip) apply(uniform(batch), rates.lumaflip, (u) => plus(ONE, LUMA, -2 * Math.floor(u * 2)));
  // Grey images have neither hue nor saturation.
  if (channels === 1) return matrices;
  if (rates.hue) apply(uniform(batch), rates.hue, (u) => rotate3d(luma, (u * 2 - 1) * Math.PI * strengths.hueMax));
  if (rates.saturation) {
    apply(normal(batch), rates.saturation, (z) => {
      const s = 2 ** (z * strengths.saturationStd);
      return plus(LUMA, plus(ONE, LUMA, -1), s);
    });
  }
  return matrices;
}

/**
 * Applies each sample's colour matrix; grey images take the mean of its rows.
 *
 * Differentiable: any order. @param images [N,H,W,1] or [N,H,W,3].
 *
 * @throws SpatialGANError 'SHAPE' on another number of channels.
 */
export function transformColors(images: Tensor4D, matrices: readonly Matrix[]): Tensor4D {
  const [N, H, W, C] = images.shape;
  if (C !== 1 && C !== 3) {
    throw new SpatialGANError('SHAPE', `augment: expected images of 1 or 3 channels for colour transforms, got ${C}`);
  }
  const row = (m: Matrix, r: number): number[] => [...m.slice(4 * r, 4 * r + 4)];
  const mean = (m: Matrix): number[] => [0, 1, 2, 3].map((k) => (m[k]! + m[4 + k]! + m[8 + k]!) / 3);
  const rows = matrices.map((m) => (C === 3 ? [row(m, 0), row(m, 1), row(m, 2)] : [mean(m)]));
  return tidy(() => {
    const offset = tensor3d(rows.map((sample) => [sample.map((r) => r[3]!)]), [N, 1, C]);
    const flat = reshape(images, [N, H * W, C]);
    const mixed = C === 3
      ? matMul(flat, tensor3d(rows.map((sample) => [0, 1, 2].map((from) => sample.map((r) => r[from]!))), [N, 3, 3]))
      : mul(flat, tensor3d(rows.map(([r]) => [[r![0]! + r![1]! + r![2]!]]), [N, 1, 1]));
    return reshape(add(mixed, offset), [N, H, W, C]) as Tensor4D;
  });
}
