import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { SpatialGANError } from '@spatialgan/core';
import { readModel, type StoredModel } from '@spatialgan/model';
import { openRunFolder } from './runFolder.js';

/** The bundled model: beside the built cli, or at the root of the repository. */
export function bundledModelPath(): string | undefined {
  const places = ['./models/avatars/model.safetensors', '../../../models/avatars/model.safetensors'];
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path));
}

async function modelOfRun(dir: string, note: (text: string) => void): Promise<StoredModel> {
  const run = await openRunFolder(dir);
  const loaded = await run.load();
  if (!loaded) throw new SpatialGANError('CHECKPOINT', `${dir}: the run has no checkpoint yet; let it train longer`);
  loaded.notes.forEach(note);
  const { groups, state } = loaded.snapshot;
  const { command, seed, data } = run.config;
  return {
    config: run.config.run.model,
    G: groups['gEma']!,
    D: groups['D']!,
    provenance: { command, seed, data: data.source, kimg: state.images / 1000, training: run.config.run.training },
  };
}

/**
 * A model from a run's folder (its newest checkpoint) or a model file; without a path the bundled one.
 *
 * @throws SpatialGANError 'CHECKPOINT' when there is none.
 */
export async function openModel(path: string | undefined, note: (text: string) => void): Promise<StoredModel> {
  const from = path ?? bundledModelPath();
  if (from === undefined) throw new SpatialGANError('CHECKPOINT', '--model: expected a run or a model file; this build bundles none');
  const found = await stat(from).catch((cause: unknown) => {
    throw new SpatialGANError('CHECKPOINT', `--model: expected a run's folder or a model file, got '${from}', which does not exist`, { cause });
  });
  return found.isDirectory() ? modelOfRun(from, note) : readModel(await readFile(from));
}
