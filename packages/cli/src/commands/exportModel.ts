import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import { SpatialGANError } from '@spatialgan/core';
import { type StoredModel, writeModel } from '@spatialgan/model';
import { exportGenerator, type ExportGeneratorOptions } from '@spatialgan/model/onnx';
import { openBackend } from '../openBackend.js';
import { openModel } from '../openModel.js';
import type { Output } from '../output.js';

export interface ExportOptions {
  readonly model: string;
  readonly out: string;
  readonly discriminator: boolean;
  readonly part: NonNullable<ExportGeneratorOptions['part']>;
  readonly inputs: NonNullable<ExportGeneratorOptions['layout']>;
}

const mebibytes = ({ length }: Uint8Array): string => `${(length / 2 ** 20).toFixed(2)} MiB`;

/** The averaged generator as ONNX, traced on the wasm backend. */
async function exportAsOnnx({ model, out, part, inputs }: ExportOptions, output: Output): Promise<number> {
  const stored = await openModel(model, output.warn);
  const backend = await openBackend('wasm');
  try {
    const bytes = exportGenerator(stored, { part, layout: inputs });
    await writeFileAtomic(out, bytes);
    output.info(`${out}: ${stored.config.name} as ONNX (opset 17, batch 1, ${part}), ${mebibytes(bytes)}`);
  } finally {
    backend.dispose();
  }
  return 0;
}

/**
 * Packs a run's averaged generator (and discriminator) into one file: .safetensors for the editor and `sample`, .onnx for other runtimes.
 *
 * @throws SpatialGANError 'CONFIG' when the file's name ends otherwise.
 */
export async function exportModel(options: ExportOptions, output: Output): Promise<number> {
  const { model, out, discriminator } = options;
  if (out.endsWith('.onnx')) return exportAsOnnx(options, output);
  if (!out.endsWith('.safetensors')) {
    throw new SpatialGANError('CONFIG', `--out: expected a name that ends in .safetensors or .onnx, got '${out}'`);
  }
  const { D, ...rest } = await openModel(model, output.warn);
  const stored: StoredModel = discriminator && D ? { ...rest, D } : rest;
  const bytes = writeModel(stored);
  await writeFileAtomic(out, bytes);
  output.info(`${out}: ${stored.config.name}, ${mebibytes(bytes)}${stored.D ? ' with its discriminator' : ''}`);
  return 0;
}
