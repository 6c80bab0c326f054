import { type ParamData, SpatialGANError } from '@spatialgan/core';
import { bfloatBits, bfloatValue, halfBits, halfValue } from './halfFloats.js';
import { type StoredTensor } from './safetensors.js';

/** Fills an array element by element; `from` with a function takes six times as long. */
function fill<T extends Uint16Array | Float32Array>(out: T, source: ArrayLike<number>, value: (element: number) => number): T {
  for (let i = 0; i < out.length; i++) out[i] = value(source[i]!);
  return out;
}

/** How parameters can be stored. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

/**
 * Parameters as a file stores them; F32 shares their memory, F16 and BF16 round to nearest.
 *
 * @throws SpatialGANError 'CHECKPOINT' when a finite value is beyond the range of F16.
 */
export function storeFloats({ shape, data }: ParamData, dtype: FloatDtype): StoredTensor {
  if (dtype === 'F32') return { dtype, shape, data };
  const bits = fill(new Uint16Array(data.length), data, dtype === 'F16' ? halfBits : bfloatBits);
  const lost = dtype === 'F16' ? data.findIndex((value, i) => (bits[i]! & 0x7fff) === 0x7c00 && Number.isFinite(value)) : -1;
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
  if (dtype === 'F16') return { shape, data: fill(new Float32Array(data.length), data as Uint16Array, halfValue) };
  if (dtype === 'BF16') return { shape, data: fill(new Float32Array(data.length), data as Uint16Array, bfloatValue) };
  return { shape, data: Float32Array.from(data as ArrayLike<number | bigint>, Number) };
}
