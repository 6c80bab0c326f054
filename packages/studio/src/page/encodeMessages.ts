import type { RgbaImage } from '@spatialgan/schema';
import type { SharedDocument } from '@spatialgan/share';

/** What a file is made of, apart from its frames. */
export interface EncodeJob {
  readonly format: 'png' | 'gif' | 'webm' | 'zip';
  /** Whole factor by which each frame is enlarged, and how. */
  readonly factor: number;
  readonly scaling: 'smooth' | 'pixels';
  /** Frames a second. */
  readonly fps: number;
  /** Goes into a PNG. */
  readonly document?: SharedDocument;
  /** Further files of a zip, by name, as text. */
  readonly files?: Readonly<Record<string, string>>;
}
/** To the Worker: the job, then a frame, or none after the last, for each 'next'. */
export type ToEncoder = { readonly job: EncodeJob } | { readonly frame: RgbaImage | undefined };
/** From the Worker. */
export type FromEncoder =
  | { readonly type: 'next' }
  | { readonly type: 'done'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'failed'; readonly message: string };
