import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isSpatialGANError, type ParamData, SpatialGANError } from '@spatialgan/core';
import { loadFloats, storeFloats } from './floats.js';
import { type CheckpointManifest, manifestName, readManifest } from './manifest.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { ioError, syncFolder, writeFileSynced } from './writeFileAtomic.js';

/** What is saved: tensors by group and path, and plain JSON with at least the step. */
export interface CheckpointData<S extends { readonly step: number } = { readonly step: number }> {
  readonly groups: Readonly<Record<string, ReadonlyMap<string, ParamData>>>;
  readonly state: S;
}

/** A checkpoint whose every byte was checked. */
export interface LoadedCheckpoint<S extends { readonly step: number } = { readonly step: number }> extends CheckpointData<S> {
  readonly dir: string;
  /** When it was written, milliseconds since 1970. */
  readonly savedAt: number;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function assertSavable({ groups, state }: CheckpointData): void {
  if (!Number.isSafeInteger(state.step) || state.step < 0) {
    throw new SpatialGANError('CHECKPOINT', `saveCheckpoint: expected state.step to be a count, got ${String(state.step)}`);
  }
  const odd = Object.keys(groups).find((name) => !/^[\w][\w.-]*$/.test(name));
  if (odd !== undefined) {
    throw new SpatialGANError('CHECKPOINT', `saveCheckpoint: expected group names of letters, digits, '.', '-' and '_', got ${JSON.stringify(odd)}`);
  }
}

/** Writes the files of a checkpoint, the manifest with their checksums last. */
async function writeParts(dir: string, { groups, state }: CheckpointData, savedAt: number): Promise<void> {
  const files: Record<string, CheckpointManifest['files'][string]> = {};
  for (const [group, params] of Object.entries(groups)) {
    const tensors = new Map([...params].map(([path, value]) => [path, storeFloats(value, 'F32')]));
    const bytes = writeSafetensors(tensors, { group });
    const file = `${group}.safetensors`;
    await writeFileSynced(join(dir, file), bytes);
    files[group] = { file, bytes: bytes.length, sha256: sha256(bytes) };
  }
  const body = JSON.stringify(state);
  const manifest: CheckpointManifest = { format: 1, savedAt, step: state.step, files, state, stateSha256: sha256(Buffer.from(body)) };
  await writeFileSynced(join(dir, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Puts a finished folder in place; what was there is replaced. */
async function moveInto(temporary: string, dir: string): Promise<void> {
  const aside = join(dirname(dir), `.old-${randomUUID()}.tmp`);
  const replaced = await rename(dir, aside).then(() => true, () => false);
  try {
    await rename(temporary, dir);
  } catch (cause) {
    if (replaced) await rename(aside, dir);
    throw cause;
  }
  await syncFolder(dirname(dir));
  if (replaced) await rm(aside, { recursive: true, force: true });
}

/**
 * Writes a checkpoint folder: one safetensors file a group and a manifest with sha256 checksums.
 *
 * The folder appears whole by a rename; when anything fails, nothing of it stays and what was there before does.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it cannot be written.
 */
export async function saveCheckpoint(dir: string, data: CheckpointData, options: { readonly savedAt?: number } = {}): Promise<void> {
  assertSavable(data);
  const temporary = join(dirname(dir), `.${basename(dir)}-${randomUUID()}.tmp`);
  try {
    await mkdir(temporary, { recursive: true });
    await writeParts(temporary, data, options.savedAt ?? Date.now());
    await syncFolder(temporary);
    await moveInto(temporary, dir);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw isSpatialGANError(cause) ? cause : ioError(`saveCheckpoint ${dir}; older checkpoints are untouched`, cause);
  }
}

async function loadGroup(dir: string, { file, bytes: size, sha256: sum }: CheckpointManifest['files'][string]): Promise<Map<string, ParamData>> {
  const where = `loadCheckpoint ${join(dir, file)}`;
  const bytes = await readFile(join(dir, file)).catch((cause: unknown) => {
    throw ioError(where, cause);
  });
  if (bytes.length !== size) throw new SpatialGANError('CHECKPOINT', `${where}: expected ${size} bytes, got ${bytes.length}`);
  if (sha256(bytes) !== sum) throw new SpatialGANError('CHECKPOINT', `${where}: its checksum differs from the manifest's`);
  return new Map([...readSafetensors(bytes).tensors].map(([path, stored]) => [path, loadFloats(stored)]));
}

/**
 * Reads a checkpoint folder and checks every byte of it.
 *
 * @throws SpatialGANError 'CHECKPOINT' when something is missing or damaged.
 */
export async function loadCheckpoint<S extends { readonly step: number }>(dir: string): Promise<LoadedCheckpoint<S>> {
  const manifest = await readManifest(dir);
  if (sha256(Buffer.from(JSON.stringify(manifest.state))) !== manifest.stateSha256) {
    throw new SpatialGANError('CHECKPOINT', `loadCheckpoint ${dir}: the state's checksum differs from the manifest's`);
  }
  const groups: Record<string, Map<string, ParamData>> = {};
  for (const [group, entry] of Object.entries(manifest.files)) groups[group] = await loadGroup(dir, entry);
  return { dir, groups, state: manifest.state as S, savedAt: manifest.savedAt };
}
