import { type RgbaImage, SpatialGANError } from '@spatialgan/schema';

/** Catmull-Rom's kernel: passes through the pixels, and keeps edges sharper than bilinear. */
const weights = (f: number): readonly [number, number, number, number] => [
  f * (-0.5 + f * (1 - 0.5 * f)), 1 + f * f * (-2.5 + 1.5 * f), f * (0.5 + f * (2 - 1.5 * f)), f * f * (-0.5 + 0.5 * f),
];

interface Taps {
  readonly at: Int32Array;
  readonly weight: Float32Array;
}
/** Four source positions and weights for each position of an axis that becomes `factor` times as long. */
function tapsOf(length: number, factor: number): Taps {
  const at = new Int32Array(4 * length * factor);
  const weight = new Float32Array(at.length);
  for (let i = 0; i < length * factor; i++) {
    const source = (i + 0.5) / factor - 0.5;
    const floor = Math.floor(source);
    weight.set(weights(source - floor), 4 * i);
    for (let k = 0; k < 4; k++) at[4 * i + k] = Math.min(length - 1, Math.max(0, floor - 1 + k));
  }
  return { at, weight };
}

/**
 * An opaque image `factor` times as large, smooth (bicubic) or in hard pixels.
 *
 * @throws SpatialGANError 'CONFIG' unless the factor is a whole number from 1 and the result at most 8192 pixels wide.
 */
export function enlarge(image: RgbaImage, factor: number, how: 'smooth' | 'pixels' = 'smooth'): RgbaImage {
  const { pixels, width, height } = image;
  if (!(Number.isInteger(factor) && factor >= 1 && factor * Math.max(width, height) <= 8192)) {
    throw new SpatialGANError('CONFIG', `enlarge: expected a whole factor that gives at most 8192 pixels, got ${factor}`);
  }
  if (factor === 1) return image;
  const [W, H] = [width * factor, height * factor];
  const out = new Uint8ClampedArray(4 * W * H).fill(255);
  if (how === 'pixels') {
    const [from, to] = [new Uint32Array(pixels.slice().buffer), new Uint32Array(out.buffer)];
    for (let y = 0; y < H; y++) for (let x = 0; x < W; x++) to[y * W + x] = from[Math.floor(y / factor) * width + Math.floor(x / factor)]!;
    return { pixels: out, width: W, height: H };
  }
  const [across, down] = [tapsOf(width, factor), tapsOf(height, factor)];
  const wide = new Float32Array(3 * W * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < W; x++) {
      for (let k = 0; k < 4; k++) {
        const [from, w] = [4 * (y * width + across.at[4 * x + k]!), across.weight[4 * x + k]!];
        for (let c = 0; c < 3; c++) wide[3 * (y * W + x) + c]! += w * pixels[from + c]!;
      }
    }
  }
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < 4; k++) sum += down.weight[4 * y + k]! * wide[3 * (down.at[4 * y + k]! * W + x) + c]!;
        out[4 * (y * W + x) + c] = sum;
      }
    }
  }
  return { pixels: out, width: W, height: H };
}
