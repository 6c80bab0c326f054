import { SpatialGANError } from '@spatialgan/core';
import { type Dtype, dtypeSize, type ElementArray, elementsOf, isDtype, storesDtype } from './dtypes.js';
import { repeatedKey } from './repeatedKey.js';

/** A tensor as a file stores it; `data` has one element for each of the shape's. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: ElementArray;
}

export interface SafetensorsFile {
  /** By name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Span {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const maxHeaderBytes = 100_000_000;
const metadataKey = '__metadata__';

function refuse(problem: string, cause?: unknown): never {
  throw new SpatialGANError('CHECKPOINT', `safetensors: ${problem}; the file is damaged or no safetensors file`, { cause });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

/** The header's JSON and where the tensors' bytes begin. */
function readHeader(bytes: Uint8Array): { readonly header: Record<string, unknown>; readonly start: number } {
  if (bytes.length < 8) refuse(`expected at least 8 bytes, got ${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > maxHeaderBytes) refuse(`expected a header of at most ${maxHeaderBytes} bytes, got ${length}`);
  if (length > bytes.length - 8) refuse(`expected a header of ${length} bytes, got ${bytes.length - 8}`);
  if (bytes[8] !== 0x7b) refuse('expected the header to begin with {');
  let text = '';
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length));
    header = JSON.parse(text);
  } catch (cause) {
    refuse('the header is not JSON in UTF-8', cause);
  }
  if (!isObject(header)) refuse('expected the header to be an object');
  const twice = repeatedKey(text);
  if (twice !== undefined) refuse(`the header says ${quote(twice)} twice`);
  return { header, start: 8 + length };
}

function readSpan(name: string, entry: unknown): Span {
  if (!isObject(entry)) refuse(`${quote(name)}: expected {dtype, shape, data_offsets}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) refuse(`${quote(name)}: unknown dtype ${quote(String(dtype))}`);
  if (!Array.isArray(shape) || !shape.every(isSize)) refuse(`${quote(name)}: expected a shape of sizes`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) refuse(`${quote(name)}: expected two data_offsets`);
  const [begin, end] = offsets as [number, number];
  const size = (shape as number[]).reduce((product, side) => product * side, dtypeSize(dtype));
  if (!Number.isSafeInteger(size) || end - begin !== size) {
    refuse(`${quote(name)}: ${dtype} of shape [${(shape as number[]).slice(0, 8)}] takes ${size} bytes, its offsets give ${end - begin}`);
  }
  return { name, dtype, shape: shape as number[], begin, end };
}

function readMetadata(entry: unknown): Readonly<Record<string, string>> {
  if (entry === undefined) return {};
  if (!isObject(entry) || !Object.values(entry).every((value) => typeof value === 'string')) {
    refuse(`expected ${metadataKey} to hold strings`);
  }
  return entry as Record<string, string>;
}

/** The spans in the order of their bytes, which they must cover without gap or overlap. */
function assertTiling(spans: readonly Span[], total: number): void {
  let at = 0;
  for (const { name, begin, end } of [...spans].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) refuse(`${quote(name)} begins at byte ${begin}, expected ${at} (${begin < at ? 'an overlap' : 'a gap'})`);
    at = end;
  }
  if (at !== total) refuse(`the tensors take ${at} bytes, the file has ${total}`);
}

/**
 * Reads a safetensors file; everything its header says is checked before it is used.
 *
 * @returns tensors whose data may share the memory of `bytes`.
 * @throws SpatialGANError 'CHECKPOINT' when the file breaks the format.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, start } = readHeader(bytes);
  const metadata = readMetadata(Object.hasOwn(header, metadataKey) ? header[metadataKey] : undefined);
  const spans = Object.entries(header).filter(([name]) => name !== metadataKey).map(([name, entry]) => readSpan(name, entry));
  assertTiling(spans, bytes.length - start);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of spans) {
    tensors.set(name, { dtype, shape, data: elementsOf(bytes.subarray(start + begin, start + end), dtype) });
  }
  return { tensors, metadata };
}

/** Throws 'CHECKPOINT' unless a tensor can be stored. */
function assertStorable(name: string, { dtype, shape, data }: StoredTensor): void {
  const size = shape.reduce((product, side) => product * side, 1);
  const right = isDtype(dtype) && shape.every(isSize) && storesDtype(data, dtype) && data.length === size && name !== metadataKey;
  if (right) return;
  throw new SpatialGANError(
    'CHECKPOINT',
    `writeSafetensors: ${quote(name)}: expected ${size} elements stored as ${String(dtype)} for shape [${shape}], got ${data.constructor.name} of ${data.length}`,
  );
}

/**
 * Writes a safetensors file; equal input gives equal bytes.
 *
 * Wide elements come first and the header is padded, so that every tensor is aligned in the file.
 *
 * @throws SpatialGANError 'CHECKPOINT' when data and shape disagree.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  for (const [name, stored] of tensors) assertStorable(name, stored);
  const ordered = [...tensors].sort(([, a], [, b]) => dtypeSize(b.dtype) - dtypeSize(a.dtype));
  const begins = new Map<string, number>();
  let total = 0;
  for (const [name, { data }] of ordered) {
    begins.set(name, total);
    total += data.byteLength;
  }
  const entries = [...tensors].map(([name, { dtype, shape, data }]): [string, unknown] => {
    const begin = begins.get(name)!;
    return [name, { dtype, shape: [...shape], data_offsets: [begin, begin + data.byteLength] }];
  });
  const described = Object.keys(metadata).length > 0 ? [[metadataKey, metadata] as [string, unknown], ...entries] : entries;
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + total).fill(0x20, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  for (const [name, { data }] of tensors) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + begins.get(name)!);
  }
  return file;
}
