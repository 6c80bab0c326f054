/**
 * Square RGB images by index; the one thing a training loop or a metric knows of its data.
 *
 * Reading is pure: the same index always gives the same bytes. A data set holds no tensors.
 */
export interface ImageDataset {
  readonly name: string;
  /** Number of images, at least 1. */
  readonly length: number;
  /** Side of every image in pixels. */
  readonly resolution: number;
  readonly channels: 3;
  /** Length of a label; 0 without labels. */
  readonly cDim: number;
  /** What a person who publishes models of this data has to name; one line each. */
  readonly licences?: readonly string[];
  /** Image `index`, RGB, row-major, resolution · resolution · 3 bytes; the caller owns them. */
  image(index: number): Promise<Uint8Array>;
  /** Label `index`, [cDim]; absent exactly when cDim is 0. */
  label?(index: number): Float32Array;
  /** Closes files; idempotent. */
  dispose?(): void;
}
