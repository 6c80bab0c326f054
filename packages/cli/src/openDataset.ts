import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { cachedDataset, type ImageDataset, limitDataset } from '@spatialgan/data';
import { rooms } from '@spatialgan/data/rooms';
import { avatars, type BadFile, folderDataset, zipDataset } from '@spatialgan/data/node';
import { SpatialGANError } from '@spatialgan/core';

/** Where a run's images come from; stored in its config.json. */
export interface DataConfig {
  /** Path of a folder or a zip, or the name of a bundled data set. */
  readonly source: string;
  readonly resolution: number;
  readonly onBad: 'skip' | 'refuse';
  readonly mirror: boolean;
  /** Whether the labels of dataset.json condition the networks. Default false. */
  readonly cond?: boolean;
  /** Only the first so many images. */
  readonly overfit?: number;
  /** Under which licence the images are, in the user's words. */
  readonly licence?: string;
}

/** What a data set turned out to be; stored in a run's config.json and in the models it gives. */
export interface DatasetFacts {
  readonly name: string;
  readonly images: number;
  /** What a person who publishes the model has to name; one line each. */
  readonly licences: readonly string[];
  /** Checksum of the files' names in order; absent where there are no files. */
  readonly filesSha256?: string;
}

/** A data set and what was left out of it. */
export interface OpenedDataset {
  readonly dataset: ImageDataset;
  readonly bad: readonly BadFile[];
  readonly facts: DatasetFacts;
}

/** `--data` as it is stored: a path that means the same from every folder. */
export const dataSource = (text: string): string => (text === 'avatars' || text === 'rooms' ? text : resolve(text));

/** A data set's name without its path. */
export const datasetTitle = ({ source }: DataConfig): string => basename(source).replace(/\.zip$/i, '');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function factsOf(config: DataConfig, dataset: ImageDataset, files?: readonly string[]): DatasetFacts {
  return {
    name: files ? datasetTitle(config) : dataset.name,
    images: dataset.length,
    licences: [...(dataset.licences ?? []), ...(config.licence === undefined ? [] : [config.licence])],
    ...(files ? { filesSha256: sha256(files.join('\n')) } : {}),
  };
}

/** The first `count` images; whoever disposes them disposes the data set. */
function limited(dataset: ImageDataset, count: number | undefined): ImageDataset {
  if (count === undefined) return dataset;
  return { ...limitDataset(dataset, count), dispose: () => dataset.dispose?.() };
}

/**
 * Opens a data set by path or name.
 *
 * @throws SpatialGANError 'DATA' when there is none, or it holds nothing usable.
 */
export async function openDataset(config: DataConfig, onProgress: (text: string) => void): Promise<OpenedDataset> {
  const { source, resolution, onBad, cond = false, overfit } = config;
  const show = ({ done, total }: { done: number; total: number }): void => {
    if (done === total || done % 500 === 0) onProgress(`reading images: ${done} of ${total}`);
  };
  if (source === 'avatars') {
    const dataset = limited(await avatars({ resolution, onProgress: show }), overfit);
    return { dataset, bad: [], facts: factsOf(config, dataset) };
  }
  if (source === 'rooms') {
    const dataset = limited(cachedDataset(rooms({ resolution })), overfit);
    return { dataset, bad: [], facts: factsOf(config, dataset) };
  }
  const found = await stat(source).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'which does not exist' : `which cannot be read: ${cause.message}`;
    throw new SpatialGANError('DATA', `--data: expected a folder, a zip, 'avatars' or 'rooms', got '${source}', ${reason}`, { cause });
  });
  const open = found.isDirectory() ? folderDataset : zipDataset;
  // Without --cond labels would only be in the way.
  const { files, bad, ...all } = await open(source, { resolution, onBad, labels: cond, onProgress: show });
  const dataset = limited(all, overfit);
  return { dataset, bad, facts: factsOf(config, dataset, files.slice(0, dataset.length)) };
}

/**
 * Checks that a run goes on with the images it began with (their number and names; not their contents).
 *
 * @throws SpatialGANError 'DATA' when they differ.
 */
export function assertSameDataset(before: DatasetFacts | undefined, now: DatasetFacts): void {
  if (!before || (before.images === now.images && before.filesSha256 === now.filesSha256)) return;
  const difference = before.images === now.images ? 'other files' : `${now.images} images`;
  throw new SpatialGANError(
    'DATA',
    `--resume: expected the ${before.images} images of ${before.name} that the run began with, got ${difference}; ` +
      'restore them, give their new place with --data, or start a new run',
  );
}
