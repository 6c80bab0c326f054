import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SpatialGANError } from '@spatialgan/core';
import { foundInstead, modelsAmong } from './folderContents.js';
import { runPath } from './runPath.js';

/**
 * The run's folder or the model file that is meant: a run may be named by its number alone, and a folder that has no
 * checkpoints stands for the one .safetensors in it, or its model.safetensors.
 *
 * @throws SpatialGANError 'CHECKPOINT' when nothing is there, or a folder of anything else.
 */
export function modelPath(given: string, option: '--model' | '--init'): string {
  const path = runPath(given);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && (!found.isDirectory() || existsSync(join(path, 'checkpoints')))) return path;
  const names = found ? readdirSync(path) : [];
  const models = modelsAmong(names);
  const model = models.includes('model.safetensors') ? 'model.safetensors' : models.length === 1 ? models[0] : undefined;
  if (model !== undefined) return join(path, model);
  if (models.length === 0 && names.includes('config.json')) return path;
  throw new SpatialGANError('CHECKPOINT', `${option}: expected a run's folder or a model file, got '${path}', ${foundInstead(path)}`);
}
