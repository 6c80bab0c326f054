import type { ParamData } from '@spatialgan/core';
import { loadFloats } from '../floats.js';
import { arraysOf } from '../imports/networkState.js';
import { readSafetensors } from '../safetensors.js';
import { readTorch } from './readTorch.js';
import { refuseTorch } from './torchValues.js';

/** Where trainers of PyTorch keep a state dict inside a larger dict. */
const wrappers = ['state_dict', 'model', 'model_state_dict'];

/** A header of JSON after its length, which is far below 4 GiB. */
const isSafetensors = (bytes: Uint8Array): boolean => bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0);

const isEmpty = (arrays: Readonly<Record<string, ParamData>>): boolean => Object.keys(arrays).length === 0;

/**
 * Reads named tensors as float32: a PyTorch state dict, however it was saved, or a safetensors file.
 *
 * Executes nothing of the file. Others than tensors are left out, and so is the prefix `module.` of DataParallel.
 *
 * @throws SpatialGANError 'CHECKPOINT' when the file is damaged, names a class that is none of weights, or holds no tensors.
 */
export function readStateDict(bytes: Uint8Array): ReadonlyMap<string, ParamData> {
  if (isSafetensors(bytes)) return new Map([...readSafetensors(bytes).tensors].map(([name, stored]) => [name, loadFloats(stored)]));
  const { value, format } = readTorch(bytes);
  if (!(value instanceof Map)) return refuseTorch('expected a state dict (names and tensors), it holds something else');
  // A zip may be packed.
  const budget = { left: (format === 'torch zip' ? 4 : 1) * bytes.length + 2 ** 20 };
  const dicts = [value, ...wrappers.map((name): unknown => value.get(name))].filter((dict) => dict instanceof Map);
  const found = dicts.map((dict) => arraysOf(dict as ReadonlyMap<unknown, unknown>, '', budget)).find((arrays) => !isEmpty(arrays));
  if (!found) return refuseTorch(`expected a state dict (names and tensors), got a dict of ${[...value.keys()].slice(0, 8).map(String).join(', ') || 'nothing'}`);
  return new Map(Object.entries(found).map(([name, array]) => [name.replace(/^module\./, ''), array]));
}
