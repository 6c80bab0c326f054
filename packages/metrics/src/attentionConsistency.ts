import type { Tensor4D } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { type Estimate, estimateMean } from './coMoveRatio.js';

/** How well attention lies where the heatmap asked for it, per image and together. */
export interface AttentionConsistency {
  /** Pearson correlation over pixels, in [-1, 1]; images without any contrast count as 0. */
  readonly correlation: Estimate;
  /** Overlap of the parts above half of the maximum, intersection over union, in [0, 1]. */
  readonly overlap: Estimate;
  /** Fraction of images whose strongest attention lies where the heatmap is above half of its maximum. */
  readonly peakInside: Estimate;
  readonly perImage: readonly { readonly correlation: number; readonly overlap: number; readonly peakInside: boolean }[];
}

function correlate(a: Float64Array, b: Float64Array): number {
  const mean = (x: Float64Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

function compare(attention: Float64Array, heatmap: Float64Array): AttentionConsistency['perImage'][number] {
  const above = (x: Float64Array): readonly boolean[] => {
    const [low, high] = [x.reduce((a, b) => Math.min(a, b)), x.reduce((a, b) => Math.max(a, b))];
    return Array.from(x, (value) => high > low && value >= (low + high) / 2);
  };
  const [A, H] = [above(attention), above(heatmap)];
  const both = A.filter((inside, i) => inside && H[i]).length;
  const either = A.filter((inside, i) => inside || H[i]).length;
  const peak = attention.reduce((best, value, i) => (value > attention[best]! ? i : best), 0);
  return { correlation: correlate(attention, heatmap), overlap: either === 0 ? 0 : both / either, peakInside: A[peak] === true && H[peak] === true };
}

/**
 * Compares attention with the heatmap that steered the image, in float64.
 *
 * The heatmap is H = min(1, Σ Hᵢ). The paper shows this by pictures (Fig. 3, 13); these three numbers are our reading of it.
 *
 * @param attention [N,h,w,1]. @param heatmap [N,h,w,K].
 * @throws SpatialGANError 'SHAPE' when the two differ in batch or size.
 */
export async function attentionConsistency(attention: Tensor4D, heatmap: Tensor4D): Promise<AttentionConsistency> {
  const [N, h, w, K] = heatmap.shape;
  if (attention.shape.join() !== [N, h, w, 1].join()) {
    throw new SpatialGANError('SHAPE', `attentionConsistency: expected attention [${[N, h, w, 1]}] like the heatmap, got [${attention.shape}]; resize it`);
  }
  const [a, H] = await Promise.all([attention.data(), heatmap.data()]);
  const pixels = h * w;
  const perImage = Array.from({ length: N }, (_, n) => {
    const steered = Float64Array.from({ length: pixels }, (_unused, i) => {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += H[(n * pixels + i) * K + k]!;
      return Math.min(1, sum);
    });
    return compare(Float64Array.from(a.subarray(n * pixels, (n + 1) * pixels)), steered);
  });
  return {
    correlation: estimateMean(perImage.map(({ correlation }) => correlation)),
    overlap: estimateMean(perImage.map(({ overlap }) => overlap)),
    peakInside: estimateMean(perImage.map(({ peakInside }) => Number(peakInside))),
    perImage,
  };
}
