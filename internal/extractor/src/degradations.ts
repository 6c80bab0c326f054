import type { Rng } from '@spatialgan/core';
import { type ByteImage, resizeImage } from '@spatialgan/metrics';

/** What a degradation may draw upon. */
export interface Degrading {
  /** How strong, in [0, 1]. */
  readonly level: number;
  readonly rng: Rng;
  /** Another image of the same size, of which some methods mix in a part. */
  readonly other: ByteImage;
}

/** Spoils a square RGB image; the same size, a new array. */
export type Degradation = (image: ByteImage, how: Degrading) => ByteImage;

const byte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));
const withData = (image: ByteImage, valueAt: (i: number) => number): ByteImage => ({
  ...image, data: Uint8Array.from({ length: image.data.length }, (_, i) => byte(valueAt(i))),
});

const noise: Degradation = (image, { level, rng }) => withData(image, (i) => image.data[i]! + 80 * level * rng.normal());

/** Gaussian along one axis; borders are repeated. */
function smoothed({ data, width, channels }: ByteImage, weights: readonly number[], step: 'x' | 'y'): Uint8Array {
  const reach = (weights.length - 1) / 2;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = -reach; k <= reach; k++) {
          const at = Math.min(width - 1, Math.max(0, (step === 'x' ? x : y) + k));
          sum += weights[k + reach]! * data[(step === 'x' ? y * width + at : at * width + x) * channels + c]!;
        }
        out[(y * width + x) * channels + c] = byte(sum);
      }
    }
  }
  return out;
}

const blur: Degradation = (image, { level }) => {
  const sigma = 0.3 + 0.05 * image.width * level;
  const reach = Math.ceil(2.5 * sigma);
  const raw = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2));
  const total = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map((w) => w / total);
  return { ...image, data: smoothed({ ...image, data: smoothed(image, weights, 'x') }, weights, 'y') };
};

const pixelate: Degradation = (image, { level }) => {
  const side = Math.max(4, Math.round(image.width * (1 - 0.85 * level)));
  const small = resizeImage(image, { width: side, height: side, filter: 'box' });
  return resizeImage(small, { width: image.width, height: image.height, filter: 'box' });
};

const recolor: Degradation = (image, { level, rng }) => {
  const gains = [0, 1, 2].map(() => 1 + level * (rng.uniform() - 0.5) * 1.2);
  const lift = level * (rng.uniform() - 0.5) * 80;
  return withData(image, (i) => image.data[i]! * gains[i % 3]! + lift);
};

/** A rectangle of about `level` of the area; where it is. */
function rectangle({ width }: ByteImage, { level, rng }: Degrading): (i: number) => boolean {
  const aspect = 0.6 + rng.uniform();
  const side = width * Math.sqrt(0.03 + 0.47 * level);
  const [w, h] = [Math.min(width, side * Math.sqrt(aspect)), Math.min(width, side / Math.sqrt(aspect))];
  const [left, top] = [rng.uniform() * (width - w), rng.uniform() * (width - h)];
  return (i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return x >= left && x < left + w && y >= top && y < top + h;
  };
}

const cutout: Degradation = (image, how) => {
  const inside = rectangle(image, how);
  const color = [0, 1, 2].map(() => 255 * how.rng.uniform());
  return withData(image, (i) => (inside(i) ? color[i % 3]! : image.data[i]!));
};

const patch: Degradation = (image, how) => {
  const inside = rectangle(image, how);
  return withData(image, (i) => (inside(i) ? how.other.data[i]! : image.data[i]!));
};

const ghost: Degradation = (image, { level, other }) => {
  const share = 0.1 + 0.4 * level;
  return withData(image, (i) => image.data[i]! * (1 - share) + other.data[i]! * share);
};

/** Shifts rows and columns by waves, as generators that have not learned shapes yet do. */
const warp: Degradation = (image, { level, rng }) => {
  const { width, data } = image;
  const wave = (): ((t: number) => number) => {
    const [phase, cycles, amplitude] = [2 * Math.PI * rng.uniform(), 1 + 3 * rng.uniform(), width * (0.01 + 0.09 * level)];
    return (t) => amplitude * Math.sin(phase + (2 * Math.PI * cycles * t) / width);
  };
  const [dx, dy] = [wave(), wave()];
  const clampTo = (v: number): number => Math.min(width - 1, Math.max(0, Math.round(v)));
  return withData(image, (i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return data[(clampTo(y + dy(x)) * width + clampTo(x + dx(y))) * 3 + c]!;
  });
};

/** All of them, by name; their order numbers the classes that the network learns, after 'none'. */
export const degradations: Readonly<Record<string, Degradation>> = { noise, blur, pixelate, recolor, cutout, patch, ghost, warp };
