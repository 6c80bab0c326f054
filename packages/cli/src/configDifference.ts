import { SpatialGANError } from '@spatialgan/core';
import type { RunFile } from './runFile.js';

/** What of a run's configuration decides its result: it is kept in every checkpoint. Where the data lie does not. */
export function decisivePart({ run, seed, data: { resolution, onBad, mirror, cond, overfit } }: RunFile): unknown {
  return JSON.parse(JSON.stringify({ ...run, seed, data: { resolution, onBad, mirror, cond, overfit } }));
}

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;
const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** Where two JSON values differ, as 'a.b: 1 → 2'. */
export function configDifference(before: unknown, now: unknown, path = ''): readonly string[] {
  if (isBranch(before) && isBranch(now)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    const at = (value: object, name: string): unknown => (value as Record<string, unknown>)[name];
    return names.flatMap((name) => configDifference(at(before, name), at(now, name), path === '' ? name : `${path}.${name}`));
  }
  return Object.is(before, now) ? [] : [`${path}: ${show(before)} → ${show(now)}`];
}

/**
 * Checks that a checkpoint was written under the configuration that the run has now.
 *
 * @returns the differences, which `force` lets pass.
 * @throws SpatialGANError 'CONFIG' that lists them otherwise.
 */
export function assertSameConfig(saved: unknown, file: RunFile, force: boolean): readonly string[] {
  // Checkpoints of before the configuration was kept say nothing.
  const differences = saved === undefined ? [] : configDifference(saved, decisivePart(file));
  if (differences.length > 0 && !force) {
    throw new SpatialGANError('CONFIG', `--resume: the run's configuration is not the one that its checkpoint was written under: ${differences.join('; ')}; restore its config.json, or go on all the same with --force`);
  }
  return differences;
}
