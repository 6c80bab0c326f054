import { type ParamData, SpatialGANError } from '@spatialgan/core';
import { type FloatDtype, loadFloats, storeFloats } from './floats.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

const key = 'spatialgan';

/** A model to ship: its parameters and the JSON that says how to build it. */
export interface ModelFile {
  readonly config: Readonly<Record<string, unknown>>;
  readonly params: ReadonlyMap<string, ParamData>;
}

/**
 * One safetensors file with the configuration as JSON in its metadata, under `spatialgan`.
 *
 * @throws SpatialGANError 'CHECKPOINT' when a value does not fit `dtype`, 'F32' by default.
 */
export function encodeModel({ config, params, dtype = 'F32' }: ModelFile & { readonly dtype?: FloatDtype }): Uint8Array {
  const tensors = new Map([...params].map(([path, value]) => [path, storeFloats(value, dtype)]));
  return writeSafetensors(tensors, { [key]: JSON.stringify(config) });
}

/**
 * Reads {@link encodeModel}'s file, whatever floats it is stored in.
 *
 * @throws SpatialGANError 'CHECKPOINT' when the file is damaged or states no configuration.
 */
export function decodeModel(bytes: Uint8Array): { readonly config: Record<string, unknown>; readonly params: Map<string, ParamData> } {
  const { tensors, metadata } = readSafetensors(bytes);
  let config: unknown;
  try {
    config = Object.hasOwn(metadata, key) ? JSON.parse(metadata[key]!) : undefined;
  } catch {
    config = undefined;
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new SpatialGANError('CHECKPOINT', `decodeModel: expected the configuration as JSON in the metadata under '${key}', got ${metadata[key] === undefined ? 'none' : 'something else'}; is this a SpatialGAN model?`);
  }
  const params = new Map([...tensors].map(([path, stored]) => [path, loadFloats(stored)]));
  return { config: config as Record<string, unknown>, params };
}
