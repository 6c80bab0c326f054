import { SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { type ImageDataset } from './imageDataset.js';
import { memoryDataset } from './memoryDataset.js';

/** How an image that is not square becomes square: cut to the middle, or letterboxed on white. */
export type BlobFit = 'center-crop' | 'contain';

/**
 * Decodes an image file in a browser to RGB of `resolution`² pixels, turned by its EXIF orientation, on white where transparent.
 *
 * Reduced in halves and smoothed at each, since browsers skip pixels when they shrink by more. Throws a plain Error when the
 * browser cannot read it. Works in Workers.
 */
export async function decodeImageBlob(blob: Blob, { resolution, fit = 'center-crop' }: { readonly resolution: number; readonly fit?: BlobFit }): Promise<Uint8Array> {
  const image = await createImageBitmap(blob, { imageOrientation: 'from-image' });
  try {
    const { width, height } = image;
    const side = fit === 'contain' ? Math.max(width, height) : Math.min(width, height);
    let at = resolution;
    while (at * 2 <= side) at *= 2;
    let canvas = whiteCanvas(at);
    const scale = at / side;
    canvas.context.drawImage(image, (at - width * scale) / 2, (at - height * scale) / 2, width * scale, height * scale);
    for (; at > resolution; at /= 2) {
      const half = whiteCanvas(at / 2);
      half.context.drawImage(canvas.canvas, 0, 0, at / 2, at / 2);
      canvas = half;
    }
    const { data } = canvas.context.getImageData(0, 0, resolution, resolution);
    return Uint8Array.from({ length: resolution * resolution * 3 }, (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)]!);
  } finally {
    image.close();
  }
}

function whiteCanvas(side: number): { readonly canvas: OffscreenCanvas; readonly context: OffscreenCanvasRenderingContext2D } {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, side, side);
  return { canvas, context };
}

export interface ImageFilesOptions {
  readonly resolution: number;
  /** 'center-crop' by default. */
  readonly fit?: BlobFit;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Images of files, and the names of those that the browser could not read. */
export interface ImageFilesDataset extends ImageDataset {
  readonly bad: readonly string[];
}

/**
 * A data set of a user's files (a file input, a drop); all pixels are held in memory.
 *
 * @throws SpatialGANError 'DATA' when none of them is an image that the browser reads, 'ABORTED' by the signal.
 */
export async function imageFilesDataset(files: readonly File[], { resolution, fit, signal, onProgress }: ImageFilesOptions): Promise<ImageFilesDataset> {
  const images: Uint8Array[] = [];
  const bad: string[] = [];
  for (const [i, file] of files.entries()) {
    throwIfAborted(signal, 'imageFilesDataset');
    await decodeImageBlob(file, { resolution, ...(fit ? { fit } : {}) }).then((pixels) => images.push(pixels), () => bad.push(file.name));
    onProgress?.({ done: i + 1, total: files.length });
  }
  if (images.length === 0) {
    throw new SpatialGANError('DATA', `imageFilesDataset: expected images that this browser reads (PNG, JPEG, WebP), got ${files.length === 0 ? 'no file' : `none among ${files.length} files`}`);
  }
  return { ...memoryDataset({ name: 'files', resolution, images }), bad };
}
