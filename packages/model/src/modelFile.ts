import { type ParamData, SpatialGANError } from '@spatialgan/core';
import { decodeModel, encodeModel, type FloatDtype } from '@spatialgan/checkpoint';
import type { ModelConfig } from './modelConfig.js';

/** Weights as they are stored: by path, with 'G.' (the averaged generator) or 'D.' before it. */
export interface StoredModel {
  readonly config: ModelConfig;
  readonly G: ReadonlyMap<string, ParamData>;
  /** Absent when the discriminator is not shipped. */
  readonly D?: ReadonlyMap<string, ParamData>;
  /** Facts about the training: seed, kimg, command, data set, licences. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

const prefixed = (prefix: string, params: ReadonlyMap<string, ParamData>): [string, ParamData][] =>
  [...params].map(([path, value]) => [`${prefix}.${path}`, value]);

const within = (prefix: string, params: ReadonlyMap<string, ParamData>): Map<string, ParamData> =>
  new Map([...params].flatMap(([path, value]) => (path.startsWith(`${prefix}.`) ? [[path.slice(2), value] as const] : [])));

/**
 * A model as one safetensors file with its configuration in the header.
 *
 * @param options `dtype`: how weights are stored, 'F32' by default; 'F16' and 'BF16' halve the file and are read back as float32.
 * @throws SpatialGANError 'CHECKPOINT' when a weight does not fit `dtype`.
 */
export function writeModel({ config, G, D, provenance }: StoredModel, options: { readonly dtype?: FloatDtype } = {}): Uint8Array {
  const params = new Map([...prefixed('G', G), ...(D ? prefixed('D', D) : [])]);
  return encodeModel({ config: { format: 1, model: config, ...(provenance ? { provenance } : {}) }, params, ...options });
}

/**
 * Reads a model file.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is damaged or is no SpatialGAN model.
 */
export function readModel(bytes: Uint8Array): StoredModel {
  const { config, params } = decodeModel(bytes);
  const header = config as { format?: unknown; model?: ModelConfig; provenance?: Record<string, unknown> };
  if (header.format !== 1 || typeof header.model !== 'object') {
    throw new SpatialGANError(
      'CHECKPOINT',
      `model file: expected a SpatialGAN model of format 1, got format ${String(header.format)}; train or convert one with 'spatialgan'`,
    );
  }
  const D = within('D', params);
  return {
    config: header.model,
    G: within('G', params),
    ...(D.size > 0 ? { D } : {}),
    ...(header.provenance ? { provenance: header.provenance } : {}),
  };
}
