import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, type StoredTensor, writeSafetensors } from '@spatialgan/checkpoint';
import { readPath, writeFileAtomic } from '@spatialgan/checkpoint/node';
import { isSpatialGANError } from '@spatialgan/core';
import type { CollectedFeatures } from './collectFeatures.js';
import type { FeatureCache } from './featureCache.js';
import type { FeatureMatrix } from './featureMatrix.js';

const matrixTensor = ({ rows, dims, values }: FeatureMatrix): StoredTensor => ({
  dtype: values instanceof Float64Array ? 'F64' : 'F32', shape: [rows, dims], data: values,
});

function encode({ count, statistics, features, probabilities }: CollectedFeatures): Uint8Array {
  const tensors = new Map<string, StoredTensor>();
  if (statistics) {
    const { dims, mean, covariance } = statistics;
    tensors.set('mean', { dtype: 'F64', shape: [dims], data: mean });
    tensors.set('covariance', { dtype: 'F64', shape: [dims, dims], data: covariance });
  }
  if (features) tensors.set('features', matrixTensor(features));
  if (probabilities) tensors.set('probabilities', matrixTensor(probabilities));
  return writeSafetensors(tensors, { count: `${count}` });
}

function decode(bytes: Uint8Array): CollectedFeatures {
  const { tensors, metadata } = readSafetensors(bytes);
  const count = Number(metadata['count']);
  const matrix = (name: string): FeatureMatrix | undefined => {
    const stored = tensors.get(name);
    return stored && { rows: stored.shape[0]!, dims: stored.shape[1]!, values: stored.data as FeatureMatrix['values'] };
  };
  const [mean, covariance] = [tensors.get('mean'), tensors.get('covariance')];
  const [features, probabilities] = [matrix('features'), matrix('probabilities')];
  return {
    count,
    ...(mean && covariance && {
      statistics: { count, dims: mean.shape[0]!, mean: mean.data as Float64Array, covariance: covariance.data as Float64Array },
    }),
    ...(features && { features }),
    ...(probabilities && { probabilities }),
  };
}

/**
 * Keeps features in a folder, one safetensors file a key, replaced in one step, so that runs may share it.
 *
 * A damaged file counts as absent and is written anew.
 */
export function fileFeatureCache(folder: string): FeatureCache {
  const pathOf = (key: string): string => join(folder, `${key}.safetensors`);
  return {
    async load(key) {
      const there = await stat(pathOf(key)).then(() => true, () => false);
      if (!there) return undefined;
      try {
        return decode(await readPath(pathOf(key)));
      } catch (error) {
        if (isSpatialGANError(error, 'CHECKPOINT')) return undefined;
        throw error;
      }
    },
    store: (key, features) => writeFileAtomic(pathOf(key), encode(features)),
  };
}
