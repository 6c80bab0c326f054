import sharp from 'sharp';
import { SpatialGANError } from '@spatialgan/core';

/**
 * Pixels of 8 bits, row-major, as a PNG file: RGB, or grey with `channels: 1`.
 *
 * @throws SpatialGANError 'DATA' unless there are width · height · channels bytes.
 */
export async function encodePng(image: { readonly pixels: Uint8Array; readonly width: number; readonly height: number; readonly channels?: 1 | 3 }): Promise<Uint8Array> {
  const { pixels, width, height, channels = 3 } = image;
  if (pixels.length !== width * height * channels || pixels.length === 0) {
    throw new SpatialGANError('DATA', `encodePng: expected ${width * height * channels} bytes for ${width}×${height} ${channels === 1 ? 'grey' : 'RGB'}, got ${pixels.length}`);
  }
  const png = sharp(pixels, { raw: { width, height, channels } }).png({ compressionLevel: 9 });
  return (channels === 1 ? png.toColourspace('b-w') : png).toBuffer();
}
