import { type ByteImage, resizeImage } from '../resize/resizeImage.js';

/** How an image becomes square, as `dataset_tool.py` calls it where it has the same. */
export const datasetTransforms = ['center-crop', 'center-crop-wide', 'fill', 'contain'] as const;
export type DatasetTransform = (typeof datasetTransforms)[number];
export type DatasetFilter = 'box' | 'lanczos';

export interface SquareOptions {
  readonly resolution: number;
  /**
   * 'center-crop': the middle square. 'center-crop-wide': the middle of shape resolution × `height`, on black. 'fill': stretched.
   * 'contain': all of it, on white.
   */
  readonly transform: DatasetTransform;
  /** Pillow's. */
  readonly filter: DatasetFilter;
  /** Rows of the picture of 'center-crop-wide'; 3/4 of the resolution by default. */
  readonly height?: number;
}

/** The middle of an image. */
function crop({ data, width, height, channels }: ByteImage, to: { readonly width: number; readonly height: number }): ByteImage {
  if (to.width === width && to.height === height) return { data, width, height, channels };
  const [left, top] = [Math.floor((width - to.width) / 2), Math.floor((height - to.height) / 2)];
  const out = new Uint8Array(to.width * to.height * channels);
  for (let y = 0; y < to.height; y++) {
    const from = ((top + y) * width + left) * channels;
    out.set(data.subarray(from, from + to.width * channels), y * to.width * channels);
  }
  return { data: out, ...to, channels };
}

/** An image in the middle of a square of one grey. */
function pad({ data, width, height, channels }: ByteImage, side: number, grey: number): ByteImage {
  const [left, top] = [Math.floor((side - width) / 2), Math.floor((side - height) / 2)];
  const out = new Uint8Array(side * side * channels).fill(grey);
  for (let y = 0; y < height; y++) out.set(data.subarray(y * width * channels, (y + 1) * width * channels), ((top + y) * side + left) * channels);
  return { data: out, width: side, height: side, channels };
}

function cropWide(image: ByteImage, { resolution, height = Math.round(resolution * 0.75), filter }: SquareOptions): ByteImage {
  const rows = Math.round((image.width * height) / resolution);
  if (image.width < resolution || image.height < Math.max(rows, height)) {
    throw new Error(`it is ${image.width}×${image.height}; center-crop-wide wants at least ${resolution}×${height}, and no wider than that shape`);
  }
  return pad(resizeImage(crop(image, { width: image.width, height: rows }), { width: resolution, height, filter }), resolution, 0);
}

function contain(image: ByteImage, { resolution, filter }: SquareOptions): ByteImage {
  const scale = resolution / Math.max(image.width, image.height);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return pad(resizeImage(image, { width: side(image.width), height: side(image.height), filter }), resolution, 255);
}

/**
 * Brings an image to `resolution`² pixels.
 *
 * 'center-crop' gives the bytes of StyleGAN2-ADA's `dataset_tool.py`. 'center-crop-wide' deviates from it: that one cuts rows by
 * a rule that squashes pictures of other sizes than 256 high, ours keeps their proportions. Throws a plain Error for an image
 * that the transform leaves out.
 */
export function squareImage(image: ByteImage, options: SquareOptions): Uint8Array {
  const { resolution, transform, filter } = options;
  const size = { width: resolution, height: resolution };
  const side = Math.min(image.width, image.height);
  const made = {
    'center-crop': () => resizeImage(crop(image, { width: side, height: side }), { ...size, filter }),
    'center-crop-wide': () => cropWide(image, options),
    fill: () => resizeImage(image, { ...size, filter }),
    contain: () => contain(image, options),
  }[transform]();
  return made.data as Uint8Array;
}
