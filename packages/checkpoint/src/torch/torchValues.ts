import { type ParamData, SpatialGANError } from '@spatialgan/core';
import { type Dtype, dtypeSize, elementsOf } from '../dtypes.js';
import { loadFloats } from '../floats.js';

/** Elements that tensors look at; their bytes may come later in the file, or out of a zip when asked for. */
export interface TorchStorage {
  readonly kind: 'storage';
  readonly dtype: Dtype;
  /** Elements, as the pickle announces them. */
  readonly length: number;
  readonly bytes: () => Uint8Array;
}

/** A tensor or parameter: a view of a storage, in elements. */
export interface TorchTensor {
  readonly kind: 'tensor';
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** An object of NVIDIA's persistent classes. `moduleSource` is Python that was stored with it: text that nothing here runs. */
export interface PersistentObject {
  readonly kind: 'persistent';
  readonly className: string;
  readonly moduleSource: string;
  readonly initArgs: readonly unknown[];
  readonly initKwargs: ReadonlyMap<unknown, unknown>;
  readonly state: ReadonlyMap<unknown, unknown>;
}

/** Counts the elements that tensors of one file may take; tensors can name one storage many times. */
export interface ElementBudget {
  left: number;
}

export const refuseTorch = (problem: string): never => {
  throw new SpatialGANError('CHECKPOINT', `PyTorch file: ${problem}`);
};

const product = (shape: readonly number[]): number => shape.reduce((n, side) => n * side, 1);

/** Where the last element lies behind the first. */
const reach = ({ shape, strides }: TorchTensor): number => shape.reduce((sum, side, i) => sum + (side - 1) * strides[i]!, 0);

const isContiguous = ({ shape, strides }: TorchTensor): boolean =>
  shape.every((side, i) => side === 1 || strides[i] === product(shape.slice(i + 1)));

function gathered<T extends { readonly length: number; [index: number]: unknown }>(source: T, tensor: TorchTensor, out: T): T {
  const { shape, strides } = tensor;
  const index = shape.map(() => 0);
  let at = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = source[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/**
 * A tensor as float32, row-major, in memory of its own.
 *
 * @param name said in errors.
 * @throws SpatialGANError 'CHECKPOINT' when it looks beyond its storage, repeats elements (a broadcast) or the budget is spent.
 */
export function tensorFloats(name: string, tensor: TorchTensor, budget: ElementBudget): ParamData {
  const { storage, offset, shape } = tensor;
  const size = product(shape);
  const wide = size > 0 && !(size <= storage.length && offset + reach(tensor) < storage.length);
  if (wide) refuseTorch(`${name}: shape [${shape}] looks beyond its storage of ${storage.length} elements; the file is damaged`);
  budget.left -= size;
  if (budget.left < 0) refuseTorch(`${name}: the networks would take more memory than the file has data; refused`);
  if (size === 0) return { shape, data: new Float32Array(0) };
  const width = dtypeSize(storage.dtype);
  const bytes = storage.bytes().subarray(offset * width, (offset + reach(tensor) + 1) * width);
  const source = elementsOf(bytes, storage.dtype);
  const own = isContiguous(tensor) ? source : gathered(source as Float32Array, tensor, new (source.constructor as Float32ArrayConstructor)(size));
  const { data } = loadFloats({ dtype: storage.dtype, shape, data: own });
  return { shape, data: data.buffer === bytes.buffer ? data.slice() : data };
}
