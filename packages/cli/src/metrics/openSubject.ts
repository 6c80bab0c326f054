import { stat } from 'node:fs/promises';
import type { StoredModel } from '@spatialgan/model';
import { modelPath } from '../modelPath.js';
import { dataSource, openDataset, type OpenedDataset } from '../openDataset.js';
import { openModel } from '../openModel.js';
import type { Output } from '../output.js';
import { openRunFolder } from '../runFolder.js';

/** A model that is looked at, and what is known of where it comes from. */
export interface Subject {
  readonly stored: StoredModel;
  /** A run's folder. */
  readonly run?: string;
  /** What it was trained on, where that is known here. */
  readonly data?: string;
}

/** Sets that this repository draws, by the names that models say they were trained on. */
const bundledSets = ['avatars', 'rooms'];

/** Opens a run or a model file; without a path the bundled model. */
export async function openSubject(given: string | undefined, output: Output): Promise<Subject> {
  const stored = await openModel(given, output.warn);
  const path = given === undefined ? undefined : modelPath(given, '--model');
  if (path !== undefined && (await stat(path)).isDirectory()) return { stored, run: path, data: (await openRunFolder(path)).config.data.source };
  const trainedOn = stored.provenance?.['data'];
  const data = bundledSets.find((name) => typeof trainedOn === 'string' && trainedOn.split(/\W/)[0] === name);
  return { stored, ...(data === undefined ? {} : { data }) };
}

/** Real images at the model's resolution; bad files are left out. */
export function openSubjectData(source: string, stored: StoredModel, output: Output): Promise<OpenedDataset> {
  return openDataset({ source: dataSource(source), resolution: stored.config.generator.imgResolution, onBad: 'skip', mirror: false }, output.info);
}
