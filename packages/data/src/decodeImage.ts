import sharp, { type Sharp } from 'sharp';
import { type ByteImage } from './resize/resizeImage.js';

/** How an image that is not square becomes square: cut to the middle, stretched, or letterboxed on white. */
export type ImageFit = 'center-crop' | 'fill' | 'contain';

const fits = { 'center-crop': 'cover', fill: 'fill', contain: 'contain' } as const;
const formats: ReadonlySet<string | undefined> = new Set(['png', 'jpeg', 'webp']);
const maxPixels = 2 ** 27;

/** An image that is known to be of a format we read, turned by its EXIF orientation. */
async function openImage(bytes: Uint8Array): Promise<Sharp> {
  if (bytes.length === 0) throw new Error('the file is empty');
  const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'warning' });
  const { format } = await image.metadata().catch((cause: unknown) => {
    throw new Error('it is no PNG, JPEG or WebP, or damaged from its start', { cause });
  });
  if (!formats.has(format)) throw new Error(`expected PNG, JPEG or WebP, got ${format ?? 'something else'}`);
  return image.autoOrient();
}

async function toRgb(image: Sharp): Promise<ByteImage> {
  const { data, info } = await image
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: Error) => {
      // Decoders share one error buffer: of two that fail at once, either may get the other's words.
      if (/failOn|premature end|corrupt|truncated|read error|unable to read/i.test(cause.message)) throw new Error('it is damaged or cut off', { cause });
      throw cause;
    });
  if (info.channels !== 3) throw new Error(`expected 3 colour channels after conversion, got ${info.channels}`);
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width: info.width, height: info.height, channels: 3 };
}

/**
 * Decodes a PNG, JPEG or WebP to RGB of `resolution`² pixels (Lanczos 3).
 *
 * Turned by its EXIF orientation, laid on white where transparent, converted to sRGB of 8 bits; only the first
 * frame of an animation. Throws a plain Error that says what is wrong with the bytes.
 */
export async function decodeImage(bytes: Uint8Array, options: { readonly resolution: number; readonly fit: ImageFit }): Promise<Uint8Array> {
  const { resolution, fit } = options;
  const image = await openImage(bytes);
  const { data } = await toRgb(image.resize(resolution, resolution, { fit: fits[fit], kernel: 'lanczos3', background: '#fff' }));
  return data as Uint8Array;
}

/** Decodes as {@link decodeImage} does, and leaves the image its size. Throws a plain Error. */
export async function decodeWhole(bytes: Uint8Array): Promise<ByteImage> {
  return toRgb(await openImage(bytes));
}
