import { basename } from 'node:path';
import { type FloatDtype, importModel, type ImportedModel } from '@spatialgan/checkpoint';
import { readPath, writeFileAtomic } from '@spatialgan/checkpoint/node';
import { isSpatialGANError, SpatialGANError } from '@spatialgan/core';
import { type StoredModel, writeModel } from '@spatialgan/model';
import type { Output } from '../output.js';

export interface ConvertOptions {
  readonly network?: string;
  readonly discriminator: boolean;
  readonly dtype: FloatDtype;
}

const count = (params: StoredModel['G']): string => {
  const total = [...params.values()].reduce((sum, { data }) => sum + data.length, 0);
  return total < 1e6 ? `${Math.round(total / 1000)} thousand` : `${(total / 1e6).toFixed(1)} million`;
};

/** What was recognised, in lines for a person. */
export function describeImport({ config, recognised, G, D }: ImportedModel): readonly string[] {
  const { family, format, networks, generator } = recognised;
  const { imgResolution, imgChannels, zDim, wDim, cDim, mapping, channelBase, channelMax, architecture, convClamp } = config.generator;
  return [
    `recognised: ${family} (${format}); networks: ${networks.join(', ')}`,
    `generator: ${generator}, ${imgResolution}x${imgResolution}, ${imgChannels} channels, ${architecture}, z ${zDim}, w ${wDim}, c ${cDim}, mapping of ${mapping.numLayers ?? 8} layers, ` +
      `channels ${channelBase}/r up to ${channelMax}${convClamp === null ? '' : `, clamped at ${convClamp}`}, ${config.encoder ? 'steered by heatmaps (SEL)' : 'not steered by heatmaps'}`,
    `parameters: ${count(G)} in G${D ? `, ${count(D)} in D` : ', no discriminator'}; mean of w and noise included`,
  ];
}

function importFile(path: string, bytes: Uint8Array, network: string | undefined): ImportedModel {
  try {
    return importModel(bytes, network === undefined ? {} : { generator: network });
  } catch (cause) {
    if (!isSpatialGANError(cause)) throw cause;
    throw new SpatialGANError(cause.code, `convert ${path}: ${cause.message}`, { cause });
  }
}

/**
 * Turns a checkpoint of PyTorch into a model file; runs nothing of the checkpoint.
 *
 * @throws SpatialGANError 'CONFIG' when the output's name ends otherwise, 'CHECKPOINT' when the file is none of those known.
 */
export async function convert(input: string, out: string, { network, discriminator, dtype }: ConvertOptions, output: Output): Promise<number> {
  if (!out.endsWith('.safetensors')) throw new SpatialGANError('CONFIG', `convert: expected an output that ends in .safetensors, got '${out}'`);
  const imported = importFile(input, await readPath(input), network);
  describeImport(imported).forEach((line) => output.info(line));
  imported.recognised.notes.forEach((note) => output.warn(note));
  const { config, G, D, provenance } = imported;
  const stored: StoredModel = { config, G, ...(discriminator && D ? { D } : {}), provenance: { ...provenance, file: basename(input) } };
  const bytes = writeModel(stored, { dtype });
  await writeFileAtomic(out, bytes);
  output.info(`${out}: ${config.name}, ${dtype}, ${(bytes.length / 2 ** 20).toFixed(2)} MiB${stored.D ? ' with its discriminator' : ''}`);
  output.info("the weights keep their authors' licence (NVIDIA's are for non-commercial use); name it where you publish them");
  return 0;
}
