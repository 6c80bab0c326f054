import type { HeatmapLayout, LatentSpec } from './layout.js';

/** All that determines an image, apart from the model. */
export interface SynthesisRequest {
  readonly latent: LatentSpec;
  readonly layout: HeatmapLayout;
  /** Label of a conditional model, one number per `ModelInfo.labels`, e.g. one-hot. Default: the first class. */
  readonly label?: readonly number[];
  /** Truncation ψ: 1 = off, 0 = the mean image. Default 1. */
  readonly truncationPsi?: number;
  /** Layer noise. Default 'const'. */
  readonly noise?: 'none' | 'const' | { readonly seed: number };
}

/** How an image is asked for; what it shows does not depend on it. */
export interface SynthesizeOptions {
  readonly signal?: AbortSignal;
  /** 'preview' = in a hurry, during a drag: the image may be smaller, down to a side of `ModelInfo.previewResolution`. Default 'final'. */
  readonly quality?: 'preview' | 'final';
}

/** RGBA, 8 bits, row-major, not premultiplied: `new ImageData(pixels, width)` accepts it. */
export interface RgbaImage {
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** What an application may know of a model before it asks for an image. */
export interface ModelInfo {
  readonly name: string;
  /** Side of the image in pixels. */
  readonly imgResolution: number;
  /** Smallest side that a preview may have, in pixels; absent where previews are as large as images. */
  readonly previewResolution?: number;
  /** Feature resolutions that read a heatmap. */
  readonly heatmapResolutions: readonly number[];
  /** Largest number of regions a level may hold. */
  readonly maxRegions: number;
  /** Numbers of a label; absent in unconditional models. */
  readonly labels?: number;
  /** Whether regions carry their own style (SEL_indoor); tools hide what a model cannot do. */
  readonly regionStyles: boolean;
  /** The tfjs backend that computes, e.g. 'webgpu', for status lines. */
  readonly backend?: string;
}

/** How a projection goes. */
export interface ProjectionProgress {
  readonly step: number;
  readonly steps: number;
  /** Likeness so far, in decibels (peak signal-to-noise ratio). */
  readonly psnr: number;
  /** The image so far, at some steps. */
  readonly image?: RgbaImage;
}

/** What a projection found: asking for `request` gives `image`. */
export interface Projection {
  readonly request: SynthesisRequest;
  readonly image: RgbaImage;
  /** Likeness of the photo and `image`, in decibels. */
  readonly psnr: number;
}

/** Options of a projection. */
export interface ProjectOptions {
  /** Steps of the optimization. Default: the runtime's choice. */
  readonly steps?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ProjectionProgress) => void;
}

/**
 * A loaded generator seen from an application: asynchronous, tensor-free, cloneable arguments,
 * so that the same editor drives a model in this thread, in a Worker, or behind HTTP.
 *
 * @throws SpatialGANError 'ABORTED' when `signal` fires, 'DISPOSED' after `dispose()`, 'BACKEND_LOST' when the GPU device, the
 *   Worker or the server is gone: open the model again (`createRecoveringRuntime` does).
 */
export interface ModelRuntime {
  readonly info: ModelInfo;
  sampleLayout(seed: number): Promise<HeatmapLayout>;
  synthesize(request: SynthesisRequest, options?: SynthesizeOptions): Promise<RgbaImage>;
  /** Attention of the discriminator, per target name; absent when D is not shipped. */
  attention?(request: SynthesisRequest): Promise<Readonly<Record<string, RgbaImage>>>;
  /**
   * Finds the latent (w+) and the layout whose image is most like a photo of `info.imgResolution` pixels a side;
   * absent when the runtime cannot compute gradients.
   */
  project?(photo: RgbaImage, options?: ProjectOptions): Promise<Projection>;
  dispose(): Promise<void>;
}
