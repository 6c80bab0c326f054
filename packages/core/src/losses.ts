import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { HeatmapLayout } from '@spatialgan/schema';
import type { HeatmapPyramid } from './heatmaps.js';
import type { ParamTree } from './paramTree.js';
import type { Rng } from './rng.js';
import type { NamedMaps, TappedScore } from './tap.js';

/** One optimizer step of G, all losses under one tape. Functions compute once and are cached. */
export interface GeneratorPhase {
  readonly z: Tensor2D;
  /** [N,K,zDim], when regions carry their own style. */
  readonly regionZ?: Tensor3D;
  readonly layouts: readonly HeatmapLayout[];
  readonly heatmaps: HeatmapPyramid;
  /** Randomness of this loss in this step. */
  readonly rng: Rng;
  fake(): { readonly images: Tensor4D; readonly ws: Tensor3D };
  fakeScore(): { readonly scores: Tensor2D; readonly features: NamedMaps };
  /** Maps and synthesizes the first `count` samples anew (path length shrinks its batch). */
  sample(count: number): { readonly images: Tensor4D; readonly ws: Tensor3D };
  /** D with its parameters held constant. */
  readonly score: TappedScore;
}

/** One optimizer step of D. */
export interface DiscriminatorPhase {
  readonly real: Tensor4D;
  /** Constant: no gradient reaches G. */
  fake(): Tensor4D;
  readonly rng: Rng;
  realScore(): { readonly scores: Tensor2D; readonly features: NamedMaps };
  fakeScore(): { readonly scores: Tensor2D; readonly features: NamedMaps };
  /** D with the parameters that are being trained. */
  readonly score: TappedScore;
}

/** What a loss that looks at a part of the batch knows of all of it. */
export interface SplitBatch {
  /** Number of parts, of equal size. */
  readonly parts: number;
  /** Sums over all parts of what the loss' `totals` gave; empty without it. */
  readonly totals: Readonly<Record<string, Tensor>>;
}

export interface LossContext<S> {
  readonly state: S;
  /** Set while the batch is computed in parts; what `compute` gives is then averaged over them. */
  readonly split?: SplitBatch;
  /** Thousands of images shown to D so far. */
  readonly kimg: number;
  /** Notes a value for the tick's statistics; tensors are averaged and read back once per tick. */
  report(name: string, value: Tensor | number): void;
}
export interface LossResult<S> {
  /** A scalar, or one value per sample, which is averaged. */
  readonly loss: Scalar | Tensor1D;
  /** The state after this step; absent = unchanged. */
  readonly state?: S;
}

/**
 * A loss is a function of its phase, its context and its state: what it computes from them is the same at every step. The
 * trainer may record a pass and run the recorded kernels instead of calling the loss again. Whatever a loss draws from
 * `phase.rng` as tensors is drawn anew; a loss that reads tensors' numbers, draws single numbers, or looks at the layouts or at
 * `kimg` is called at every step.
 */
interface LossBase<S, Network extends 'G' | 'D', Phase> {
  readonly name: string;
  readonly network: Network;
  readonly weight: number | ((kimg: number) => number);
  /**
   * Lazy regularization: evaluated every n-th step, in a step of its own, with gain n; Adam's lr
   * and betas of that network are adjusted by n/(n+1). Default 1: part of the main step.
   */
  readonly interval?: number;
  /** false where `compute` depends on something else that changes, e.g. a memory of its own: it is then called at every step. Default true. */
  readonly recordable?: boolean;
  /** Initial state: tensors only, saved with the checkpoint. The trainer owns and disposes it. */
  init?(): S;
  compute(phase: Phase, context: LossContext<S>): LossResult<S>;
  /**
   * Sums over this part of the batch that `compute` needs of the whole of it: only for a loss that is no mean over samples.
   * Called for every part before the first `compute`, under a tape of its own that is not differentiated; only where the batch is split.
   */
  totals?(phase: Phase, context: Omit<LossContext<S>, 'split'>): Readonly<Record<string, Tensor>>;
}
export type GeneratorLoss<S extends ParamTree | void = any> = LossBase<S, 'G', GeneratorPhase>;
export type DiscriminatorLoss<S extends ParamTree | void = any> = LossBase<S, 'D', DiscriminatorPhase>;
export type LossPlugin<S extends ParamTree | void = any> = GeneratorLoss<S> | DiscriminatorLoss<S>;
