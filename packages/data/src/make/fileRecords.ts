import { SpatialGANError } from '@spatialgan/core';
import { type Label, rawLabels } from '../datasetLabels.js';
import { datasetLicences } from '../datasetLicences.js';
import { decodeWhole } from '../decodeImage.js';
import type { ImageSource } from '../imageSource.js';
import type { DatasetRecords } from './datasetRecords.js';
import { squareImage, type SquareOptions } from './squareImage.js';

/** Where labels come from: the source's dataset.json where it has one, the names of its folders, or nowhere. */
export type LabelSource = 'json' | 'folders' | 'none';

export interface FileRecordsOptions extends SquareOptions {
  readonly labels: LabelSource;
  /** Only the first so many images. */
  readonly maxImages?: number;
}

interface Labels {
  readonly of: (file: string) => Label;
  readonly classes?: readonly string[];
}

/** The first folder of each file's name is its class, numbered in the order of their names. */
function folderLabels({ name, files }: ImageSource): Labels {
  const outside = files.find((file) => !file.includes('/'));
  if (outside !== undefined) {
    throw new SpatialGANError('DATA', `${name}: expected each image in a folder that names its class, got ${outside} in none; move it, or take other labels`);
  }
  const folderOf = (file: string): string => file.slice(0, file.indexOf('/'));
  const classes = [...new Set(files.map(folderOf))].sort((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(classes.map((folder, i) => [folder, i]));
  return { classes, of: (file) => numbers.get(folderOf(file))! };
}

function labelsOf(source: ImageSource, from: LabelSource): Labels | undefined {
  if (from === 'folders') return folderLabels(source);
  if (from === 'none' || source.datasetJson === undefined) return undefined;
  const labels = rawLabels(source.name, source.datasetJson, source.files);
  return labels && { of: (file) => labels.get(file)! };
}

/**
 * Image files as records, which own the source.
 *
 * @throws SpatialGANError 'DATA' when it has no images or labels that do not fit.
 */
export function fileRecords(source: ImageSource, options: FileRecordsOptions): DatasetRecords {
  const { labels: from, maxImages = Infinity, ...square } = options;
  try {
    if (source.files.length === 0) throw new SpatialGANError('DATA', `${source.name}: expected images (PNG, JPEG, WebP), found none`);
    const labels = labelsOf(source, from);
    const files = source.files.slice(0, maxImages);
    return {
      name: source.name, length: files.length, resolution: square.resolution, hasInstances: false,
      identity: { square, from, files, labels: labels ? files.map(labels.of) : null },
      licences: datasetLicences(source.datasetJson),
      ...(labels?.classes ? { classes: labels.classes } : {}),
      title: (index) => files[index]!,
      read: async (index) => ({ pixels: squareImage(await decodeWhole(await source.read(files[index]!)), square) }),
      ...(labels ? { label: (index: number) => labels.of(files[index]!) } : {}),
      dispose: () => source.dispose(),
    };
  } catch (cause) {
    source.dispose();
    throw cause;
  }
}
