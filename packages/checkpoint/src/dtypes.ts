/** Element types of a safetensors file. */
export type Dtype =
  | 'BOOL' | 'U8' | 'I8' | 'F8_E5M2' | 'F8_E4M3' | 'U16' | 'I16' | 'F16' | 'BF16' | 'U32' | 'I32' | 'F32' | 'U64' | 'I64' | 'F64';

interface ArrayOf {
  readonly U8: Uint8Array;
  readonly I8: Int8Array;
  readonly U16: Uint16Array;
  readonly I16: Int16Array;
  readonly U32: Uint32Array;
  readonly I32: Int32Array;
  readonly F32: Float32Array;
  readonly U64: BigUint64Array;
  readonly I64: BigInt64Array;
  readonly F64: Float64Array;
}

/** Storage of elements; halves and 8-bit floats are raw bits, booleans 0 and 1. */
export type ElementArray = ArrayOf[keyof ArrayOf];

interface ElementType {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ElementArray;
  readonly BYTES_PER_ELEMENT: number;
}

const types: Readonly<Record<Dtype, ElementType>> = {
  BOOL: Uint8Array, U8: Uint8Array, I8: Int8Array, F8_E5M2: Uint8Array, F8_E4M3: Uint8Array,
  U16: Uint16Array, I16: Int16Array, F16: Uint16Array, BF16: Uint16Array,
  U32: Uint32Array, I32: Int32Array, F32: Float32Array,
  U64: BigUint64Array, I64: BigInt64Array, F64: Float64Array,
};

/** Tells whether a word names an element type. */
export function isDtype(word: unknown): word is Dtype {
  return typeof word === 'string' && Object.hasOwn(types, word);
}

/** Bytes an element. */
export function dtypeSize(dtype: Dtype): number {
  return types[dtype].BYTES_PER_ELEMENT;
}

/** Tells whether an array is how elements of this type are stored. */
export function storesDtype(data: ElementArray, dtype: Dtype): boolean {
  return data instanceof types[dtype];
}

/** Bytes as elements; shares their memory where the alignment allows it. */
export function elementsOf(bytes: Uint8Array, dtype: Dtype): ElementArray {
  const Type = types[dtype];
  const aligned = bytes.byteOffset % Type.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new Type(aligned.buffer, aligned.byteOffset, aligned.byteLength / Type.BYTES_PER_ELEMENT);
}
