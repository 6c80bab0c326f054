import { type Awaitable, createRng, type Rng, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { coMoveRatio, estimateMean, type Offset } from './coMoveRatio.js';
import type { MetricResult, MetricWarning } from './metricResult.js';
import type { ByteImage } from '@spatialgan/data';
import { mostSimilar, objectAt, type SegmentedObject, type Segmenter } from './segmenter.js';
import { progressOf, type RunOptions } from './steps.js';
import { METRICS_VERSION } from './version.js';

/** One region moved, seen before and after; places and moves in image sides. */
export interface RegionMove {
  readonly before: ByteImage;
  readonly after: ByteImage;
  /** The region's center before. */
  readonly center: Offset;
  /** How its center moved; not zero. */
  readonly move: Offset;
}

/** A move and what the segmenter made of it. */
export interface CoMoveTrial extends RegionMove {
  readonly object: SegmentedObject | null;
  readonly matched: SegmentedObject | null;
  /** How the object moved; null when nothing was matched. */
  readonly objectMove: Offset | null;
  readonly ratio: number | null;
}

export interface CoMoveOptions extends RunOptions {
  /** Draws move `index` from its own stream. */
  readonly draw: (index: number, rng: Rng) => Awaitable<RegionMove>;
  readonly segmenter: Segmenter;
  /** Default 1000. */
  readonly numMoves?: number;
  /** Default 0. */
  readonly seed?: number;
  /** What a move counts whose object is not found: left out (default), or 0, as if nothing had followed. */
  readonly unmatched?: 'exclude' | 'zero';
  /** Trials to give back for a picture, the first ones; default 16. */
  readonly keepExamples?: number;
}

export interface CoMoveResult {
  readonly result: MetricResult;
  readonly examples: readonly CoMoveTrial[];
}

/** Segments both images, matches the object under the center before with its likeness after. */
export async function matchMove(move: RegionMove, segmenter: Segmenter): Promise<CoMoveTrial> {
  const object = objectAt(await segmenter.segment(move.before), move.center, move.before);
  const matched = object && mostSimilar(await segmenter.segment(move.after), object);
  if (!object || !matched) return { ...move, object, matched: null, objectMove: null, ratio: null };
  const objectMove = { x: matched.center.x - object.center.x, y: matched.center.y - object.center.y };
  return { ...move, object, matched, objectMove, ratio: coMoveRatio(move.move, objectMove) };
}

const unmatchedWarning = (matched: number, numMoves: number): readonly MetricWarning[] =>
  matched >= 0.8 * numMoves
    ? []
    : [{ code: 'UNMATCHED_MOVES', message: `${numMoves - matched} of ${numMoves} moves had no object under their center, or none to match it` }];

/**
 * Co-move ratio (§4.3) over random moves, with its 95 % interval, the moves matched, and examples to draw.
 *
 * The paper does not say what an unmatched move counts; both readings are there.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires, 'DATA' when a region was not moved.
 */
export async function evaluateCoMove(options: CoMoveOptions): Promise<CoMoveResult> {
  const { draw, segmenter, numMoves = 1000, seed = 0, unmatched = 'exclude', keepExamples = 16, signal } = options;
  const report = progressOf('co-move ratio', options);
  const root = createRng(seed).split('coMove');
  const examples: CoMoveTrial[] = [];
  const ratios: (number | null)[] = [];
  for (let i = 0; i < numMoves; i++) {
    throwIfAborted(signal, 'co-move ratio');
    const drawn = await draw(i, root.split(`move:${i}`));
    if (drawn.move.x === 0 && drawn.move.y === 0) throw new SpatialGANError('DATA', `evaluateCoMove: expected move ${i} to be of some length, got 0`);
    const trial = await matchMove(drawn, segmenter);
    ratios.push(trial.ratio);
    if (examples.length < keepExamples) examples.push(trial);
    report((i + 1) / numMoves);
  }
  const matched = ratios.filter((ratio) => ratio !== null).length;
  const counted = ratios.flatMap((ratio) => (ratio === null ? (unmatched === 'zero' ? [0] : []) : [ratio]));
  const { mean, std, interval } = estimateMean(counted);
  const result: MetricResult = {
    metric: 'coMoveRatio', value: mean, interval,
    details: { std, matched, unmatched, segmenter: `${segmenter.name} ${segmenter.version}` },
    extractor: null, resize: null, counts: { moves: numMoves, matched }, seed, version: METRICS_VERSION,
    warnings: unmatchedWarning(matched, numMoves),
  };
  return { result, examples };
}
