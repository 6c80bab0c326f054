import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SpatialGANError } from '@spatialgan/core';
import { runPath } from './runPath.js';

const few = (names: readonly string[]): string => `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** What to say of a folder that is no run and holds no single model. */
function insteadOf(names: readonly string[], models: readonly string[]): string {
  if (names.length === 0) return 'a folder that holds nothing; give a run or a model file';
  if (models.length > 0) return `a folder that holds the models ${few(models)}; give one of them`;
  const runs = names.filter((name) => /^\d{5}-/.test(name));
  return runs.length > 0 ? `a folder that holds the runs ${few(runs)}; give one of them` : `a folder that holds ${few(names)}; give a run or a model file`;
}

/**
 * The run's folder or the model file that is meant: a run may be named by its number alone, and a folder that has no
 * checkpoints stands for the one .safetensors in it, or its model.safetensors.
 *
 * @throws SpatialGANError 'CHECKPOINT' when nothing is there, or a folder of anything else.
 */
export function modelPath(given: string, option: '--model' | '--init'): string {
  const path = runPath(given);
  const refused = (what: string): SpatialGANError => new SpatialGANError('CHECKPOINT', `${option}: expected a run's folder or a model file, got '${path}', ${what}`);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw refused('which does not exist');
  if (!found.isDirectory() || existsSync(join(path, 'checkpoints'))) return path;
  const names = readdirSync(path).sort();
  const models = names.filter((name) => name.endsWith('.safetensors'));
  const model = models.includes('model.safetensors') ? 'model.safetensors' : models.length === 1 ? models[0] : undefined;
  if (model !== undefined) return join(path, model);
  if (models.length > 0 || !names.includes('config.json')) throw refused(insteadOf(names, models));
  return path;
}
