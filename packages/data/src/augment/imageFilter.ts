import { matMul, reshape, tensor3d, type Tensor4D, tidy, transpose } from '@tensorflow/tfjs-core';
import type { AugmentStrengths } from './augmentConfig.js';
import type { AugmentDraws } from './augmentDraws.js';
import { mirrored } from './mirrored.js';

/** Low-pass of the symlet with two vanishing moments. */
const SYM2 = [-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025];
/** Expected share of a natural image's power per band (1/f spectrum). */
const POWER = [10 / 13, 1 / 13, 1 / 13, 1 / 13];

function convolve(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((x, i) => b.forEach((y, j) => (out[i + j]! += x * y)));
  return out;
}

/** The four band-pass filters, lowest first, of one odd length; they sum to the unit impulse. */
function filterBank(): readonly (readonly number[])[] {
  const high = SYM2.map((v, i) => (i % 2 === 0 ? v : -v));
  const [low2, high2] = [SYM2, high].map((h) => convolve(h, [...h].reverse()).map((v) => v / 2)) as [number[], number[]];
  let bank = POWER.map((_, i) => [i === 0 ? 1 : 0]);
  for (let level = 1; level < POWER.length; level++) {
    bank = bank.map((band) => convolve(band.flatMap((v) => [v, 0]).slice(0, -1), low2));
    const start = (bank[0]!.length - high2.length) / 2;
    high2.forEach((v, i) => (bank[level]![start + i]! += v));
  }
  return bank;
}

/** One filter per sample: the bands amplified at random, the expected power kept. */
export function drawFilters(
  { draws, rate, strengths, p, batch }: { draws: AugmentDraws; rate: number; strengths: AugmentStrengths; p: number; batch: number },
): readonly (readonly number[])[] {
  let gains = Array.from({ length: batch }, () => POWER.map(() => 1));
  strengths.imgfilterBands.forEach((bandRate, band) => {
    const values = draws.normal(batch);
    const gates = draws.gate(batch, rate * p * bandRate);
    gains = gains.map((gain, n) => {
      const factors = POWER.map((_, b) => (b === band && gates[n] ? 2 ** (values[n]! * strengths.imgfilterStd) : 1));
      const norm = Math.sqrt(factors.reduce((sum, f, b) => sum + POWER[b]! * f * f, 0));
      return gain.map((g, b) => (g * factors[b]!) / norm);
    });
  });
  const bank = filterBank();
  return gains.map((gain) => bank[0]!.map((_, k) => gain.reduce((sum, g, b) => sum + g * bank[b]![k]!, 0)));
}

/** Correlation with a mirrored border as matrices [N,size,size], one per sample. */
function bandMatrices(filters: readonly (readonly number[])[], size: number) {
  const data = new Float32Array(filters.length * size * size);
  filters.forEach((filter, n) => {
    const half = (filter.length - 1) / 2;
    for (let i = 0; i < size; i++) filter.forEach((v, k) => (data[(n * size + i) * size + mirrored(i + k - half, size)]! += v));
  });
  return tensor3d(data, [filters.length, size, size]);
}

/** Filters every image along both axes, mirrored at the edges. Differentiable: any order. @param images [N,H,W,C]. */
export function filterImages(images: Tensor4D, filters: readonly (readonly number[])[]): Tensor4D {
  const [N, H, W, C] = images.shape;
  return tidy(() => {
    const columns = reshape(matMul(bandMatrices(filters, H), reshape(images, [N, H, W * C])), [N, H, W, C]);
    const sideways = reshape(transpose(columns, [0, 2, 1, 3]), [N, W, H * C]);
    const rows = reshape(matMul(bandMatrices(filters, W), sideways), [N, W, H, C]);
    return transpose(rows, [0, 2, 1, 3]) as Tensor4D;
  });
}
