import { throwIfAborted } from '@spatialgan/core';
import type { CollectedFeatures, CollectOptions, FeatureNeeds } from './collectFeatures.js';
import { collectFeatures } from './collectFeatures.js';
import { METRICS_VERSION } from './version.js';

/** Keeps features of data sets between runs; `fileFeatureCache` of `@spatialgan/metrics/node` is one. */
export interface FeatureCache {
  load(key: string): Promise<CollectedFeatures | undefined>;
  store(key: string, features: CollectedFeatures): Promise<void>;
}

const hex = (bytes: ArrayBuffer): string => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** SHA-256 over the pixels of the chosen images, in order, chained image by image. */
export async function hashImages({ source, indices, signal }: Pick<CollectOptions, 'source' | 'indices' | 'signal'>): Promise<string> {
  let digest = new Uint8Array(32);
  for (const index of indices) {
    throwIfAborted(signal, 'hashImages');
    const [image] = await source.read([index]);
    const { data, width, height, channels } = image!;
    const shape = new Uint8Array(Int32Array.of(width, height, channels).buffer);
    const whole = new Uint8Array(digest.length + shape.length + data.length);
    whole.set(digest);
    whole.set(shape, digest.length);
    whole.set(data, digest.length + shape.length);
    digest = new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
  }
  return hex(digest.buffer);
}

/** Names what was computed: pixels, extractor, filter, arithmetic. The seed and the name of the data only matter by the pixels they choose. */
export async function featureKey(options: CollectOptions): Promise<string> {
  const { info, resize, size } = options.extractor;
  const parts = [METRICS_VERSION, info.name, info.version, info.dims, size, resize, options.indices.length, await hashImages(options)];
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(parts))));
}

const meets = (features: CollectedFeatures, needs: FeatureNeeds): boolean =>
  (!needs.statistics || features.statistics !== undefined) &&
  (!needs.features || features.features !== undefined) &&
  (!needs.probabilities || features.probabilities !== undefined);

/** As {@link collectFeatures}, but takes what a cache holds for the same pixels, and leaves there what it had to compute. */
export async function cachedFeatures(options: CollectOptions, cache: FeatureCache | undefined): Promise<CollectedFeatures> {
  if (!cache || !options.source.cacheable) return collectFeatures(options);
  const key = await featureKey(options);
  const known = await cache.load(key);
  if (known && meets(known, options.needs)) return known;
  const found = await collectFeatures(options);
  await cache.store(key, { ...known, ...found });
  return found;
}
