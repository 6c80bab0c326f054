import { add, avgPool, image, mul, reshape, sub, sum, tensor4d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, noTap, SpatialGANError, type TappedScore } from '@spatialgan/core';
import { objectiveOf, type ScoreObjective } from './scoreObjective.js';

/** What {@link deletionInsertion} needs. */
export interface FaithfulnessInputs {
  readonly score: TappedScore;
  /** [N,H,W,C]. */
  readonly images: Tensor4D;
  /** [N,h,w,1]; only the order of its values counts. */
  readonly map: Tensor4D;
  /** What is followed; one value per sample. Default `logit`. */
  readonly scoreOf?: ScoreObjective;
  /** Number of pixel groups. Default 20. */
  readonly steps?: number;
}

/** The score along one way of changing the images, for each sample. */
export interface FaithfulnessCurve {
  /** steps + 1 scores, from the unchanged start to the end. */
  readonly scores: readonly number[];
  /** The area under them over [0, 1] (trapezoids). */
  readonly area: number;
}

/** Both curves of one sample. */
export interface Faithfulness {
  /** Pixels become 0 (mid-grey), most attended first: the lower the area, the better the map found what matters. */
  readonly deletion: FaithfulnessCurve;
  /** Pixels appear on the blurred image, most attended first: the higher the area, the better. */
  readonly insertion: FaithfulnessCurve;
}

const curveOf = (scores: readonly number[]): FaithfulnessCurve => {
  const steps = scores.length - 1;
  return { scores, area: scores.slice(1).reduce((area, score, i) => area + (score + scores[i]!) / (2 * steps), 0) };
};

/** For each pixel the group it belongs to, most attended first: [N,H,W]. */
function groupsOf(values: ArrayLike<number>, samples: number, steps: number): Int32Array {
  const size = values.length / samples;
  const groups = new Int32Array(values.length);
  for (let n = 0; n < samples; n++) {
    const order = Array.from({ length: size }, (_, i) => n * size + i).sort((a, b) => values[b]! - values[a]! || a - b);
    order.forEach((pixel, rank) => (groups[pixel] = Math.floor((rank * steps) / size)));
  }
  return groups;
}

/** A wide blur: three box filters. */
function blurred(images: Tensor4D): Tensor4D {
  const reach = Math.max(3, Math.round(Math.max(images.shape[1], images.shape[2]) / 6) | 1);
  let out = images;
  for (let i = 0; i < 3; i++) out = avgPool(out, reach, 1, 'same');
  return out;
}

/**
 * Whether a map points at what the score depends on: deletion and insertion (Petsiuk et al. 2018, RISE, §4.2).
 *
 * Compare with a random map of the same size on the same images; the areas have the score's unit.
 *
 * @returns One entry per sample.
 * @throws SpatialGANError 'SHAPE' on a map of another batch; 'CONFIG' on fewer than 1 step, or a scoreOf that mixes samples.
 */
export async function deletionInsertion(inputs: FaithfulnessInputs): Promise<readonly Faithfulness[]> {
  const { score, images, map, scoreOf = 'logit', steps = 20 } = inputs;
  const [N, H, W] = images.shape;
  assertShape('deletionInsertion: map', map.shape, [N, null, null, 1], 'one map per image');
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new SpatialGANError('CONFIG', `deletionInsertion: expected a whole number of at least 1 step, got ${steps}`);
  }
  const enlarged = tidy(() => image.resizeBilinear(map, [H, W], true));
  const groups = groupsOf(await enlarged.data(), N, steps);
  enlarged.dispose();
  const [blank, soft] = [mul(images, 0) as Tensor4D, tidy(() => blurred(images))];
  const scoresAt = async (step: number, changed: Tensor4D, unchanged: Tensor4D): Promise<Float32Array | Int32Array | Uint8Array> => {
    const values = tidy(() => {
      const mask = tensor4d(Float32Array.from(groups, (group) => (group < step ? 1 : 0)), [N, H, W, 1]);
      const mixed = add<Tensor4D>(mul(changed, mask), mul(unchanged, sub(1, mask)));
      const objective = objectiveOf(scoreOf, score(mixed, noTap));
      if (objective.shape[0] !== N) {
        throw new SpatialGANError('CONFIG', `deletionInsertion: expected scoreOf to keep one row per sample, got [${objective.shape}]`);
      }
      return sum(reshape(objective, [N, -1]), 1);
    });
    const data = await values.data();
    values.dispose();
    return data;
  };
  try {
    const [deletion, insertion]: [number[][], number[][]] = [[], []];
    for (let step = 0; step <= steps; step++) {
      deletion.push([...(await scoresAt(step, blank, images))]);
      insertion.push([...(await scoresAt(step, images, soft))]);
    }
    return Array.from({ length: N }, (_, n) => ({
      deletion: curveOf(deletion.map((scores) => scores[n]!)), insertion: curveOf(insertion.map((scores) => scores[n]!)),
    }));
  } finally {
    blank.dispose();
    soft.dispose();
  }
}
