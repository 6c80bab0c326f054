import { reshape, type Tensor2D, tensor1d, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { downsample2d, gatherRows, gridSample, setupFilter, upsample2d } from '@spatialgan/ops';
import type { AugmentRates, AugmentStrengths } from './augmentConfig.js';
import type { AugmentDraws } from './augmentDraws.js';
import { identity, isIdentity, type Matrix, product, rotate2d, scale2d, translate2d } from './matrix.js';
import { mirrored } from './mirrored.js';

/** Low-pass of the symlet with six vanishing moments (Daubechies): enlarging and shrinking with it is lossless. */
const SYM6 = [
  0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466, 0.787641141030194,
  0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148,
];
/** Output pixels that the filter reaches on either side, at the image's own resolution. */
const REACH = SYM6.length / 4;

const halfTurns = (uniform: number): number => (uniform * 2 - 1) * Math.PI;

interface GeometryDraws {
  readonly draws: AugmentDraws;
  readonly rates: AugmentRates;
  readonly strengths: AugmentStrengths;
  readonly p: number;
  /** N, width, height. */
  readonly size: readonly [number, number, number];
}

/**
 * One matrix per sample that takes a pixel of the result to its place in the source, both measured from the centre.
 *
 * Values are drawn before gates, transform by transform. Null when no geometric transform is on.
 */
export function drawGeometry({ draws, rates, strengths, p, size: [N, W, H] }: GeometryDraws): readonly Matrix[] | null {
  let matrices: readonly Matrix[] | null = null;
  const apply = (values: readonly number[], gates: readonly boolean[], inverse: (...v: number[]) => Matrix): void => {
    const each = values.length / N;
    matrices = (matrices ?? Array.from({ length: N }, () => identity(3))).map((m, n) =>
      gates[n] ? product(m, inverse(...values.slice(n * each, (n + 1) * each))) : m);
  };
  const { uniform, normal, gate } = draws;
  if (rates.xflip) apply(uniform(N), gate(N, rates.xflip * p), (u) => scale2d(1 - 2 * Math.floor(u * 2), 1));
  if (rates.rotate90) apply(uniform(N), gate(N, rates.rotate90 * p), (u) => rotate2d((Math.PI / 2) * Math.floor(u * 4)));
  if (rates.xint) {
    const pixels = (u: number, size: number): number => roundHalfEven((u * 2 - 1) * strengths.xintMax * size);
    apply(uniform(N, 2), gate(N, rates.xint * p), (u, v) => translate2d(-pixels(u, W), -pixels(v!, H)));
  }
  if (rates.scale) {
    apply(normal(N), gate(N, rates.scale * p), (z) => scale2d(2 ** (-z * strengths.scaleStd), 2 ** (-z * strengths.scaleStd)));
  }
  // A rotation before and one after the anisotropic scale; at least one of them happens with the rate asked for.
  const rotation = 1 - Math.sqrt(Math.min(1, Math.max(0, 1 - (rates.rotate ?? 0) * p)));
  const rotate = (): void => apply(uniform(N), gate(N, rotation), (u) => rotate2d(halfTurns(u) * strengths.rotateMax));
  if (rates.rotate) rotate();
  if (rates.aniso) {
    apply(normal(N), gate(N, rates.aniso * p), (z) => scale2d(2 ** (-z * strengths.anisoStd), 2 ** (z * strengths.anisoStd)));
  }
  if (rates.rotate) rotate();
  if (rates.xfrac) {
    apply(normal(N, 2), gate(N, rates.xfrac * p), (a, b) => translate2d(-a * strengths.xfracStd * W, -b! * strengths.xfracStd * H));
  }
  return matrices;
}

/** Rounds to the nearest whole number, ties to the even one. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Pixels that the transformed images need around the source: left, top, right, bottom; the largest over the batch. */
function marginsOf(matrices: readonly Matrix[], [W, H]: readonly [number, number]): readonly number[] {
  const [cx, cy] = [(W - 1) / 2, (H - 1) / 2];
  const reach = [-Infinity, -Infinity, -Infinity, -Infinity];
  for (const m of matrices) {
    for (const [x, y] of [[-cx, -cy], [cx, -cy], [cx, cy], [-cx, cy]] as const) {
      const [sx, sy] = [m[0]! * x + m[1]! * y + m[2]!, m[3]! * x + m[4]! * y + m[5]!];
      [-sx, -sy, sx, sy].forEach((value, i) => (reach[i] = Math.max(reach[i]!, value)));
    }
  }
  return reach.map((value, i) => {
    const [center, limit] = i % 2 === 0 ? [cx, W - 1] : [cy, H - 1];
    return Math.ceil(Math.min(Math.max(value + 2 * REACH - center, 0), limit));
  });
}

/** Pads by mirroring without repeating the edge. Differentiable: any order. */
function mirrorPad(images: Tensor4D, [left, top, right, bottom]: readonly number[]): Tensor4D {
  const [N, H, W, C] = images.shape;
  const [h, w] = [H + top! + bottom!, W + left! + right!];
  const index = new Int32Array(N * h * w);
  for (let i = 0; i < index.length; i++) {
    const [n, y, x] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
    index[i] = (n * H + mirrored(y - top!, H)) * W + mirrored(x - left!, W);
  }
  return reshape(gatherRows(reshape(images, [N * H * W, C]) as Tensor2D, tensor1d(index, 'int32')), [N, h, w, C]) as Tensor4D;
}

/** Where the pixels of the enlarged result lie in the enlarged source, in gridSample's coordinates: [N,h,w,2]. */
function samplingGrid(matrices: readonly Matrix[], source: readonly [number, number], [w, h]: readonly [number, number]): Tensor4D {
  const grid = new Float32Array(matrices.length * h * w * 2);
  matrices.forEach((matrix, n) => {
    // Between pixels of the enlarged image the centre lies half a pixel off.
    const doubled = product(scale2d(2, 2), matrix, scale2d(0.5, 0.5));
    const shifted = product(translate2d(-0.5, -0.5), doubled, translate2d(0.5, 0.5));
    const m = product(scale2d(2 / source[0], 2 / source[1]), shifted, scale2d(w / 2, h / 2));
    for (let i = 0; i < h * w; i++) {
      const [x, y] = [(2 * (i % w) + 1) / w - 1, (2 * Math.floor(i / w) + 1) / h - 1];
      grid[(n * h * w + i) * 2] = m[0]! * x + m[1]! * y + m[2]!;
      grid[(n * h * w + i) * 2 + 1] = m[3]! * x + m[4]! * y + m[5]!;
    }
  });
  return tensor4d(grid, [matrices.length, h, w, 2]);
}

/**
 * Moves every image by its matrix: mirrored at the edges, enlarged twice with sym6, sampled, and shrunk again.
 *
 * Differentiable: any order in the images. Images that all stay where they are pass untouched (the detour changes them
 * by 3e-6).
 *
 * @param images [N,H,W,C].
 * @param matrices Result to source, one per sample; see {@link drawGeometry}.
 */
export function transformImages(images: Tensor4D, matrices: readonly Matrix[]): Tensor4D {
  if (matrices.every(isIdentity)) return images.clone() as Tensor4D;
  const [, H, W] = images.shape;
  const margins = marginsOf(matrices, [W, H]);
  const [left, top, right, bottom] = margins as [number, number, number, number];
  return tidy(() => {
    const fir = setupFilter(SYM6);
    const source = upsample2d(mirrorPad(images, margins), fir);
    const moved = matrices.map((m) => product(translate2d((left - right) / 2, (top - bottom) / 2), m));
    const size = [(W + 2 * REACH) * 2, (H + 2 * REACH) * 2] as const;
    const sampled = gridSample(source, samplingGrid(moved, [source.shape[2], source.shape[1]], size));
    return downsample2d(sampled, fir, { padding: -2 * REACH, flipFilter: true });
  });
}
