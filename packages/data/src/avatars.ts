import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { isSpatialGANError, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { assertIndex } from './assertIndex.js';
import { type AvatarPlacement, avatarScene, renderAvatar, renderAvatarMask } from './avatarScene.js';
import { type AvatarStyle, type AvatarStyleName, avatarStyles, licenceOf } from './avatarStyles.js';
import { type ImageDataset } from './imageDataset.js';
import { openPixelCache, type PixelCache, writePixelCache } from './pixelCache.js';

export { type AvatarPlacement } from './avatarScene.js';
export { type AvatarStyle, type AvatarStyleName, avatarStyles, type FaceFrame } from './avatarStyles.js';

export interface AvatarsOptions {
  /** Side in pixels, 8 to 1024. */
  readonly resolution: number;
  /** Number of images; 20000 by default (about 12 seconds of one core at 32 pixels, once). */
  readonly count?: number;
  /** Decides every image; 0 by default. */
  readonly seed?: number;
  /** Where the drawn images are kept; the user's cache folder by default. */
  readonly cacheDir?: string;
  /** Drawn from with equal chance; `['fun-emoji']` by default. */
  readonly styles?: readonly (AvatarStyleName | AvatarStyle)[];
  readonly signal?: AbortSignal;
  /** Told while images are drawn; never when they come from the cache. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Drawn faces, with where each one is. */
export interface AvatarDataset extends ImageDataset {
  readonly licences: readonly string[];
  /** Where the face of image `index` is; for metrics, never seen in training. */
  placement(index: number): AvatarPlacement;
  /** 1 where the face covers at least half of a pixel of image `index`, row-major; drawn when asked for. */
  mask(index: number): Uint8Array;
  dispose(): void;
}

const drawingVersion = 1;
const defaultStyles: readonly AvatarStyleName[] = ['fun-emoji'];

function defaultCacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'spatialgan');
}

function checkOptions({ resolution, count = 1 }: AvatarsOptions): void {
  const whole = (value: number, low: number, high: number): boolean => Number.isInteger(value) && value >= low && value <= high;
  if (!whole(resolution, 8, 1024)) {
    throw new SpatialGANError('CONFIG', `avatars: expected a resolution of 8 to 1024, got ${resolution}`);
  }
  if (!whole(count, 1, 1e7)) {
    throw new SpatialGANError('CONFIG', `avatars: expected a count of 1 to 10000000, got ${count}`);
  }
}

function resolveStyles(styles: readonly (AvatarStyleName | AvatarStyle)[]): readonly AvatarStyle[] {
  const resolved = styles.map((style) => (typeof style === 'string' ? avatarStyles[style] : style));
  if (resolved.length > 0 && resolved.every((style) => style !== undefined)) return resolved;
  throw new SpatialGANError('CONFIG', `avatars: expected styles of ${Object.keys(avatarStyles).join(', ')}, got [${styles.map(String)}]`);
}

/** Who drew the styles and under which licence, one line each; `['fun-emoji']` by default. */
export function avatarLicences(styles: readonly (AvatarStyleName | AvatarStyle)[] = defaultStyles): readonly string[] {
  return resolveStyles(styles).map(licenceOf);
}

/**
 * A deterministic data set of artist-drawn faces (DiceBear) at random places, scales and flips on soft backgrounds.
 *
 * The face's centre has a standard deviation of 0.17 of the side, its size is 0.45 to 0.7 of it. Images are drawn
 * once and kept in one checksummed file; a damaged file is drawn again.
 *
 * @throws SpatialGANError 'CONFIG' for bad options; 'ABORTED' by the signal; 'DATA' when the cache cannot be written.
 */
export async function avatars(options: AvatarsOptions): Promise<AvatarDataset> {
  checkOptions(options);
  const { resolution, count = 20000, seed = 0, cacheDir = defaultCacheDir(), signal, onProgress } = options;
  const styles = resolveStyles(options.styles ?? defaultStyles);
  const scene = (index: number): ReturnType<typeof avatarScene> => avatarScene(index, { seed, styles });
  const drawn = JSON.stringify({
    drawingVersion, resolution, count, seed,
    styles: styles.map(({ name, version, options: chosen, face }) => ({ name, version, chosen, face })),
  });
  const key = createHash('sha256').update(drawn).digest('hex');
  const path = join(cacheDir, `avatars-${resolution}-${count}-${key.slice(0, 16)}.bin`);
  const spec = { key, count, size: resolution * resolution * 3 };

  async function* draw(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < count; index++) {
      if (index % 64 === 0) {
        await pause();
        throwIfAborted(signal, 'avatars');
        onProgress?.({ done: index, total: count });
      }
      yield renderAvatar(scene(index), resolution);
    }
    onProgress?.({ done: count, total: count });
  }

  let cache: PixelCache | undefined = await openPixelCache(path, spec);
  if (!cache) {
    await writePixelCache(path, key, draw()).catch((cause: unknown) => {
      if (isSpatialGANError(cause)) throw cause;
      throw new SpatialGANError('DATA', `avatars: cannot keep the drawn images in ${path}; free space or give another cacheDir`, { cause });
    });
    cache = await openPixelCache(path, spec);
  }
  if (!cache) throw new SpatialGANError('DATA', `avatars: ${path} does not read back as written; give another cacheDir`);
  return datasetOf(cache, { resolution, count, styles, scene });
}

interface AvatarParts {
  readonly resolution: number;
  readonly count: number;
  readonly styles: readonly AvatarStyle[];
  readonly scene: (index: number) => ReturnType<typeof avatarScene>;
}

function datasetOf(cache: PixelCache, { resolution, count, styles, scene }: AvatarParts): AvatarDataset {
  return {
    name: `avatars (${styles.map((style) => style.name).join(', ')})`,
    length: count, resolution, channels: 3, cDim: 0,
    licences: styles.map(licenceOf),
    async image(index) {
      assertIndex('avatars', index, count);
      return cache.record(index);
    },
    placement(index) {
      assertIndex('avatars', index, count);
      return scene(index).placement;
    },
    mask(index) {
      assertIndex('avatars', index, count);
      return renderAvatarMask(scene(index), resolution);
    },
    dispose: () => cache.dispose(),
  };
}
