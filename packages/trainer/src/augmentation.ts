import { add, clone, dispose, keep, mean, type Scalar, scalar, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type Rng, SpatialGANError } from '@spatialgan/core';
import { adaHeuristic } from './adaHeuristic.js';

/** Transforms images at random before D sees them, e.g. `augmentPipe` of `@spatialgan/data/augment`; twice differentiable. */
export type ImageAugmentation = (images: Tensor4D, call: { readonly p: number; readonly draws: Rng }) => Tensor4D;

/** How D's inputs are augmented. */
export interface AugmentationOptions {
  readonly pipe: ImageAugmentation;
  /** Probability of the transforms: where it stays, or, with `ada`, where it starts. Default 0. */
  readonly p?: number;
  /** Lets p follow how sure D is of real images (Karras et al. 2020); null keeps it fixed. Default null. */
  readonly ada?: {
    /** Mean sign of D's logits on real images that is aimed at. Default 0.6. */
    readonly target?: number;
    /** Steps between two updates. Default 4. */
    readonly interval?: number;
    /** Thousands of images in which p can go from 0 to 1. Default 500. */
    readonly kimg?: number;
  } | null;
}

/** What a checkpoint keeps of an augmentation: plain JSON. */
export interface AugmentationState {
  readonly p: number;
  /** Sum of the mean signs since the last update, and their number. */
  readonly signs: number;
  readonly count: number;
}

/** A report that carries the signs of D's logits on real images; `nonSaturating` makes it. */
const SIGNS = 'Loss/signs/real';

/** An augmentation with its changing p; owns one scalar. */
export interface Augmentation {
  readonly p: number;
  /** What D sees instead of the images, for one phase of one step; each call draws anew. */
  stream(rng: Rng): (images: Tensor4D) => Tensor4D;
  /** Looks at what a loss reported. */
  observe(name: string, value: Tensor | number): void;
  /** Takes back what was observed since the last update. */
  forget(): void;
  /** The same transforms for a step that does not count: it observes nothing. */
  rehearsal(): Augmentation;
  /** After a step: moves p where it is due. */
  update(step: number, batch: number): Promise<void>;
  save(): Promise<AugmentationState>;
  restore(state: AugmentationState): void;
  dispose(): void;
}

/** @throws SpatialGANError 'CONFIG' on a p below 0 or an interval below 1. */
export function createAugmentation({ pipe, p: start = 0, ada = null }: AugmentationOptions): Augmentation {
  const { target = 0.6, interval = 4, kimg = 500 } = ada ?? {};
  if (!(start >= 0) || !(Number.isInteger(interval) && interval >= 1) || !(kimg > 0)) {
    throw new SpatialGANError('CONFIG', `augment: expected p ≥ 0, a whole interval ≥ 1 and kimg > 0, got p ${start}, interval ${interval}, kimg ${kimg}`);
  }
  let [p, count] = [start, 0];
  let signs: Scalar | undefined;
  let fresh: Scalar[] = []; // of the step that runs
  let isReported = false;
  const replace = (next: Scalar | undefined): void => {
    if (signs) dispose(signs);
    signs = next;
  };
  const forget = (): void => {
    dispose(fresh);
    fresh = [];
  };
  const settle = (): void => {
    for (const sign of fresh) replace(keep(tidy(() => (signs ? add(sign, signs) : clone(sign)) as Scalar)));
    count += fresh.length;
    forget();
  };
  const readSigns = async (): Promise<number> => (signs ? (await signs.data())[0]! : 0);
  const augmentation: Augmentation = {
    get p() {
      return p;
    },
    forget,
    rehearsal: () => ({ ...augmentation, observe: () => {} }),
    stream(rng) {
      let calls = 0;
      return (images) => pipe(images, { p, draws: rng.split(`${calls++}`) });
    },
    observe(name, value) {
      if (!ada || name !== SIGNS) return;
      isReported = true;
      fresh.push(keep(tidy(() => mean<Scalar>(value as Tensor))));
    },
    async update(step, batch) {
      settle();
      if (!ada || step % interval !== 0) return;
      if (count === 0) {
        // All steps of the interval were undone: nothing was learned about p.
        if (isReported) return;
        throw new SpatialGANError('CONFIG', `augment: expected a loss of D that reports '${SIGNS}' for ada, got none; add nonSaturating()`);
      }
      const meanSign = (await readSigns()) / count;
      // NaN is the divergence guard's business.
      if (Number.isFinite(meanSign)) p = adaHeuristic(p, meanSign, { target, batch, interval, kimg });
      count = 0;
      replace(undefined);
    },
    save: async () => ({ p, signs: await readSigns(), count }),
    restore(state) {
      ({ p, count } = state);
      replace(count > 0 ? keep(scalar(state.signs ?? NaN)) : undefined);
    },
    dispose() {
      forget();
      replace(undefined);
    },
  };
  return augmentation;
}
