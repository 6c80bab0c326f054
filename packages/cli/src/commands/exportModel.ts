import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import { type StoredModel, writeModel } from '@spatialgan/model';
import { openModel } from '../openModel.js';
import type { Output } from '../output.js';

export interface ExportOptions {
  readonly model: string;
  readonly out: string;
  readonly discriminator: boolean;
}

/** Packs a run's averaged generator (and discriminator) into one file that the editor and `sample` open. */
export async function exportModel({ model, out, discriminator }: ExportOptions, output: Output): Promise<number> {
  const { D, ...rest } = await openModel(model, output.warn);
  const stored: StoredModel = discriminator && D ? { ...rest, D } : rest;
  const bytes = writeModel(stored);
  await writeFileAtomic(out, bytes);
  output.info(`${out}: ${stored.config.name}, ${(bytes.length / 2 ** 20).toFixed(2)} MiB${stored.D ? ' with its discriminator' : ''}`);
  return 0;
}
