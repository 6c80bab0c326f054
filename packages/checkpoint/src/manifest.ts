import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SpatialGANError } from '@spatialgan/core';
import { ioError } from './writeFileAtomic.js';

/** What a checkpoint folder says of itself; `manifest.json`. */
export interface CheckpointManifest {
  readonly format: 1;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly step: number;
  /** One file a group of tensors. */
  readonly files: Readonly<Record<string, { readonly file: string; readonly bytes: number; readonly sha256: string }>>;
  readonly state: { readonly step: number };
  readonly stateSha256: string;
}

export const manifestName = 'manifest.json';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function isFileEntry(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const { file, bytes, sha256 } = entry;
  // A plain name: a manifest must not lead outside its folder.
  return typeof file === 'string' && /^\w[\w.-]*$/.test(file) && Number.isSafeInteger(bytes) && typeof sha256 === 'string';
}

function isManifest(value: unknown): value is CheckpointManifest {
  if (!isObject(value)) return false;
  const { savedAt, step, files, state, stateSha256 } = value;
  return (
    Number.isFinite(savedAt) && Number.isSafeInteger(step) && isObject(files) && Object.values(files).every(isFileEntry) &&
    isObject(state) && state['step'] === step && typeof stateSha256 === 'string'
  );
}

/**
 * Reads a checkpoint's manifest.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is missing, damaged or of a later format.
 */
export async function readManifest(dir: string): Promise<CheckpointManifest> {
  const where = `checkpoint ${join(dir, manifestName)}`;
  const text = await readFile(join(dir, manifestName), 'utf8').catch((cause: unknown) => {
    throw ioError(where, cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SpatialGANError('CHECKPOINT', `${where}: it is not JSON`, { cause });
  }
  if (isObject(value) && typeof value['format'] === 'number' && value['format'] !== 1) {
    throw new SpatialGANError('CHECKPOINT', `${where}: expected format 1, got ${value['format']}; use a newer version of SpatialGAN`);
  }
  if (isManifest(value)) return value;
  throw new SpatialGANError('CHECKPOINT', `${where}: it is no checkpoint manifest`);
}
