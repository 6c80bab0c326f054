import type { ResizeFilter } from '@spatialgan/data';

/** Something a reader of a figure must know; programs read the code. */
export interface MetricWarning {
  readonly code: 'SINGULAR_COVARIANCE' | 'FEW_IMAGES' | 'OWN_EXTRACTOR' | 'FEWER_THAN_ASKED' | 'UNMATCHED_MOVES';
  readonly message: string;
}

/** 95 % by default; `level` says. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** What images were turned into features by. */
export interface ExtractorInfo {
  readonly name: string;
  /** Tells weights and revisions apart; part of every cache key. */
  readonly version: string;
  readonly dims: number;
  /** Whether figures of other tools with this extractor may stand beside ours. */
  readonly published: boolean;
}

/** Where a figure comes from; two figures may be compared when all of it but the counts of seeds agrees. */
export interface Provenance {
  /** null where no network looked at the images. */
  readonly extractor: ExtractorInfo | null;
  readonly resize: ResizeFilter | null;
  /** Images (or moves, paths, samples) that went in, by role. */
  readonly counts: Readonly<Record<string, number>>;
  readonly seed: number | null;
  /** {@link METRICS_VERSION}. */
  readonly version: number;
}

/** One figure with everything needed to judge it; plain JSON. */
export interface MetricResult extends Provenance {
  /** `fid`, `kid`, `precision`, `recall`, `inceptionScore`, `ppl`, `coMoveRatio`, `attentionConsistency`, or a plugin's name. */
  readonly metric: string;
  readonly value: number;
  readonly interval: Interval | null;
  /** Further numbers: options and by-products, by name. */
  readonly details: Readonly<Record<string, number | string | null>>;
  readonly warnings: readonly MetricWarning[];
}

/** Two-sided normal interval around an estimate. */
export function normalInterval(value: number, standardError: number): Interval {
  return { low: value - 1.959964 * standardError, high: value + 1.959964 * standardError, level: 0.95 };
}
