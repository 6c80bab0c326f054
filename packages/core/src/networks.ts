import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { HeatmapPyramid } from './heatmaps.js';
import type { NamedTensors, ParamTree } from './paramTree.js';
import type { Rng } from './rng.js';
import type { Tap } from './tap.js';

export interface MappingContext {
  /** Class labels, one-hot or continuous, [N,cDim]; needed by conditional networks. */
  readonly c?: Tensor2D;
  /** Needed by encoders with `encodeLatent`. */
  readonly heatmaps?: HeatmapPyramid;
  /** Default 1 (off). */
  readonly truncationPsi?: number;
  /** Number of leading ws that are truncated; default all. */
  readonly truncationCutoff?: number;
}

export interface SynthesisContext {
  readonly heatmaps: HeatmapPyramid;
  /** The regions' own codes, [N,K,L,wDim]; needed by encoders with `encodeStyles`. */
  readonly regionWs?: Tensor4D;
  /** Layer noise; 'random' needs `rng`. Default 'random' when `rng` is given, else 'const'. */
  readonly noiseMode?: 'const' | 'random' | 'none';
  readonly rng?: Rng;
  readonly tap?: Tap;
  /** Sees the image after each block that makes one, [N,h,w,imgChannels], under the block's name: previews of the last. */
  readonly imageTap?: Tap;
}

/** What a trainer needs of a generator. NHWC images in [-1, 1]. */
export interface GeneratorModel<P extends ParamTree = ParamTree> {
  readonly zDim: number;
  readonly wDim: number;
  readonly cDim: number;
  readonly numWs: number;
  readonly imgResolution: number;
  readonly imgChannels: number;
  /** Feature resolutions whose heatmaps `synthesize` reads. */
  readonly heatmapResolutions: readonly number[];
  /** Whether `synthesize` needs `regionWs`. */
  readonly regionStyles: boolean;
  init(rng: Rng): P;
  /** Tells state that is not trained (w_avg, noise images) by its path. */
  isBuffer(path: string): boolean;
  /** z [N,zDim] → ws [N,L,wDim]. */
  map(params: P, z: Tensor2D, context?: MappingContext): Tensor3D;
  /** Buffers after a training pass over these unmixed, untruncated ws, by path (fresh tensors). */
  updateBuffers?(params: P, ws: Tensor3D): NamedTensors;
  synthesize(params: P, ws: Tensor3D, context: SynthesisContext): Tensor4D;
}

export interface DiscriminatorModel<P extends ParamTree = ParamTree> {
  readonly imgResolution: number;
  readonly cDim: number;
  /** Names its forward pass gives to `tap`, in order. */
  readonly taps: readonly string[];
  /**
   * Samples whose scores depend on each other: sample i of N on those that equal i modulo N / groupSize. A part of a batch
   * must hold whole groups. null: all samples depend on each other; absent: none do.
   */
  readonly groupSize?: number | null;
  init(rng: Rng): P;
  isBuffer?(path: string): boolean;
  /** images [N,H,W,C] in [-1, 1] → logits [N,1]. */
  score(params: P, images: Tensor4D, tap: Tap, context?: { readonly c?: Tensor2D }): Tensor2D;
}

/** Anything with tensors inside that must be given back. */
export interface Disposable {
  dispose(): void;
}

