import { stat } from 'node:fs/promises';
import { type ImageDataset } from '@spatialgan/data';
import { avatars, type BadFile, folderDataset, zipDataset } from '@spatialgan/data/node';
import { SpatialGANError } from '@spatialgan/core';

/** Where a run's images come from; stored in its config.json. */
export interface DataConfig {
  /** A folder, a zip, or the name of a bundled data set. */
  readonly source: string;
  readonly resolution: number;
  readonly onBad: 'skip' | 'refuse';
  readonly mirror: boolean;
}

/** A data set and what was left out of it. */
export interface OpenedDataset {
  readonly dataset: ImageDataset;
  readonly bad: readonly BadFile[];
}

/**
 * Opens a data set by path or name.
 *
 * @throws SpatialGANError 'DATA' when there is none, or it holds nothing usable.
 */
export async function openDataset(
  { source, resolution, onBad }: DataConfig,
  onProgress: (text: string) => void,
): Promise<OpenedDataset> {
  const show = ({ done, total }: { done: number; total: number }): void => {
    if (done === total || done % 500 === 0) onProgress(`reading images: ${done} of ${total}`);
  };
  if (source === 'avatars') {
    return { dataset: await avatars({ resolution, onProgress: show }), bad: [] };
  }
  const found = await stat(source).catch(() => undefined);
  if (!found) {
    throw new SpatialGANError('DATA', `--data: expected a folder, a zip or 'avatars', got '${source}', which does not exist`);
  }
  const open = found.isDirectory() ? folderDataset : zipDataset;
  const dataset = await open(source, { resolution, onBad, onProgress: show });
  return { dataset, bad: dataset.bad };
}
