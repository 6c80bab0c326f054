import { type ModelRuntime, type RgbaImage, SpatialGANError, type SynthesisRequest, throwIfAborted } from '@spatialgan/schema';
import { enlarge } from './enlarge.js';

/** Options of {@link renderFrames}. */
export interface RenderFramesOptions {
  /** Whole factor by which each image is enlarged. Default 1. */
  readonly factor?: number;
  /** How. Default 'smooth'. */
  readonly scaling?: 'smooth' | 'pixels';
  readonly signal?: AbortSignal;
}

/** What encoders take: frames made one by one, so that a film never lies in memory whole. */
export type Frames = AsyncIterable<RgbaImage> | Iterable<RgbaImage>;

/** Options that encoders of moving pictures share. */
export interface FilmOptions {
  /** Frames a second. Default 24. */
  readonly fps?: number;
  readonly signal?: AbortSignal;
  /** Told after each frame how many are done. */
  readonly onFrame?: (done: number) => void;
}

/** Makes the image of each request, in order. @throws what the runtime throws, SpatialGANError 'ABORTED'. */
export async function* renderFrames(
  runtime: Pick<ModelRuntime, 'synthesize'>, requests: readonly SynthesisRequest[], { factor = 1, scaling = 'smooth', signal }: RenderFramesOptions = {},
): AsyncGenerator<RgbaImage> {
  for (const request of requests) {
    throwIfAborted(signal, 'renderFrames');
    yield enlarge(await runtime.synthesize(request, signal ? { signal } : {}), factor, scaling);
  }
}

/** Lets the page paint and answer between two frames. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Sizes must be one: no format holds frames of several. */
export function sizeCheck(): (image: RgbaImage) => void {
  let first: RgbaImage | undefined;
  return (image) => {
    first ??= image;
    if (image.width === first.width && image.height === first.height) return;
    throw new SpatialGANError('SHAPE', `frames: expected all of ${first.width}×${first.height}, got ${image.width}×${image.height}`);
  };
}
