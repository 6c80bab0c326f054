import { type ParamData, SpatialGANError } from '@spatialgan/core';
import { bfloatBits, bfloatValue, halfBits, halfValue } from './halfFloats.js';
import { type StoredTensor } from './safetensors.js';

/** How parameters can be stored. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

/**
 * Parameters as a file stores them; F32 shares their memory, F16 and BF16 round to nearest.
 *
 * @throws SpatialGANError 'CHECKPOINT' when a finite value is beyond the range of F16.
 */
export function storeFloats({ shape, data }: ParamData, dtype: FloatDtype): StoredTensor {
  if (dtype === 'F32') return { dtype, shape, data };
  const bits = Uint16Array.from(data, dtype === 'F16' ? halfBits : bfloatBits);
  const lost = data.findIndex((value, i) => Number.isFinite(value) && dtype === 'F16' && (bits[i]! & 0x7fff) === 0x7c00);
  if (lost >= 0) {
    throw new SpatialGANError('CHECKPOINT', `storeFloats: expected values up to 65504 for F16, got ${data[lost]}; store as BF16 or F32`);
  }
  return { dtype, shape, data: bits };
}

/**
 * Any stored tensor as float32; rounds what has more bits.
 *
 * @returns data that may share the tensor's memory when it is F32.
 * @throws SpatialGANError 'CHECKPOINT' for 8-bit floats.
 */
export function loadFloats({ dtype, shape, data }: StoredTensor): ParamData {
  if (data instanceof Float32Array) return { shape, data };
  if (dtype === 'F8_E4M3' || dtype === 'F8_E5M2') {
    throw new SpatialGANError('CHECKPOINT', `loadFloats: 8-bit floats (${dtype}) are not supported; store as F16`);
  }
  if (dtype === 'F16') return { shape, data: Float32Array.from(data as Uint16Array, halfValue) };
  if (dtype === 'BF16') return { shape, data: Float32Array.from(data as Uint16Array, bfloatValue) };
  return { shape, data: Float32Array.from(data as ArrayLike<number | bigint>, Number) };
}
