import sharp from 'sharp';
import { SpatialGANError } from '@spatialgan/core';

/**
 * RGB pixels, 8 bits, row-major, as a PNG file.
 *
 * @throws SpatialGANError 'DATA' unless there are width · height · 3 bytes.
 */
export async function encodePng(image: { readonly pixels: Uint8Array; readonly width: number; readonly height: number }): Promise<Uint8Array> {
  const { pixels, width, height } = image;
  if (pixels.length !== width * height * 3 || pixels.length === 0) {
    throw new SpatialGANError('DATA', `encodePng: expected ${width * height * 3} bytes for ${width}×${height} RGB, got ${pixels.length}`);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 9 }).toBuffer();
}
