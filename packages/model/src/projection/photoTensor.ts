import { mean, square, sub, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import type { RgbaImage } from '@spatialgan/schema';
import { psnrOf } from './likeness.js';

/** RGB or grey of an RGBA image as [1,H,W,C] in [-1, 1]; transparent pixels lie on white. */
export function photoTensor({ pixels, width, height }: RgbaImage, side: number, channels: number): Tensor4D {
  if (width !== side || height !== side || pixels.length !== 4 * side * side) {
    throw new SpatialGANError('SHAPE', `project: expected a photo of ${side}×${side}, got ${width}×${height}; crop and scale it`);
  }
  const values = new Float32Array(side * side * channels);
  for (let i = 0; i < side * side; i++) {
    const alpha = pixels[4 * i + 3]! / 255;
    const rgb = [0, 1, 2].map((c) => pixels[4 * i + c]! * alpha + 255 * (1 - alpha));
    for (let c = 0; c < channels; c++) values[i * channels + c] = (channels === 1 ? 0.299 * rgb[0]! + 0.587 * rgb[1]! + 0.114 * rgb[2]! : rgb[c]!) / 127.5 - 1;
  }
  return tensor4d(values, [1, side, side, channels]);
}

/** Of the pixels as they are seen: opaque, 8 bits. */
export function likenessOf(photo: Tensor4D, image: RgbaImage): Promise<number> {
  const made = photoTensor(image, image.width, photo.shape[3]);
  const error = tidy(() => mean(square(sub(made, photo))));
  made.dispose();
  return error.data().then(([mse]) => (error.dispose(), psnrOf(mse!)));
}
