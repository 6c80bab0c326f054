import { existsSync, readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpatialGANError } from '@spatialgan/core';
import { avatarLicences } from '@spatialgan/data/node';
import { readModel, type StoredModel } from '@spatialgan/model';
import { modelPath } from './modelPath.js';
import { datasetTitle } from './openDataset.js';
import type { RunFile } from './runFile.js';
import { openRunFolder } from './runFolder.js';

/** Folder of the bundled models: beside the built cli, or at the root of the repository. */
const modelsFolder = (): string | undefined =>
  ['./models/', '../../../models/'].map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path));

/** Files of the models that come with this build; the first one is opened when none is asked for. */
export function bundledModels(): readonly string[] {
  const folder = modelsFolder();
  if (folder === undefined) return [];
  // `avatars` is the model that examples and screenshots show.
  const names = readdirSync(folder).sort((a, b) => Number(b === 'avatars') - Number(a === 'avatars') || (a < b ? -1 : 1));
  return names.map((name) => join(folder, name, 'model.safetensors')).filter((path) => existsSync(path));
}

/** The bundled model that is opened when none is asked for. */
export const bundledModelPath = (): string | undefined => bundledModels()[0];

async function modelOfRun(dir: string, note: (text: string) => void): Promise<StoredModel> {
  const run = await openRunFolder(dir);
  const loaded = await run.load();
  if (!loaded) throw new SpatialGANError('CHECKPOINT', `${dir}: the run has no checkpoint yet; let it train longer`);
  loaded.notes.forEach(note);
  const { groups, state } = loaded.snapshot;
  return {
    config: run.config.run.model,
    G: groups['gEma']!,
    D: groups['D']!,
    provenance: provenanceOf(run.config, state.images / 1000),
  };
}

/** What a model says of its origin: enough to name the images' licences and to train it again, no paths of this machine. */
function provenanceOf({ command, seed, data, dataset, run: { training } }: RunFile, kimg: number): Readonly<Record<string, unknown>> {
  const drawn = data.source === 'avatars' ? avatarLicences() : [];
  return {
    command: command.map((word) => (isAbsolute(word) ? basename(word) : word)),
    seed, kimg, training,
    data: dataset?.name ?? datasetTitle(data),
    ...(dataset ? { images: dataset.images } : {}),
    licences: dataset?.licences ?? drawn,
  };
}

/**
 * A model from a run's folder (its newest checkpoint), a model file or the folder of one; without a path the bundled one.
 *
 * @throws SpatialGANError 'CHECKPOINT' when there is none.
 */
export async function openModel(path: string | undefined, note: (text: string) => void): Promise<StoredModel> {
  const from = path === undefined ? bundledModelPath() : modelPath(path, '--model');
  if (from === undefined) throw new SpatialGANError('CHECKPOINT', '--model: expected a run or a model file; this build bundles none');
  return (await stat(from)).isDirectory() ? modelOfRun(from, note) : readModel(await readFile(from));
}
