import { createRng, isSpatialGANError, type Rng } from '@spatialgan/core';
import { expect, test } from 'vitest';
import { type Dtype, dtypeSize } from './dtypes.js';
import { loadFloats } from './floats.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.js';

const runs = 100_000;
const utf8 = new TextEncoder();
const dtypes: readonly string[] = ['BOOL', 'U8', 'I8', 'U16', 'I16', 'F16', 'BF16', 'U32', 'I32', 'F32', 'U64', 'I64', 'F64', 'F8_E4M3', 'f32', 'F31', ''];

const pick = <T>(rng: Rng, items: readonly T[]): T => items[rng.integer(items.length)]!;
const odd: readonly unknown[] = [-1, 0.5, 2 ** 53, 1e300, null, '4', [], {}, true, 2 ** 32, 2 ** 31];

/** Mostly right sizes, sometimes none. */
const sizeOf = (rng: Rng): unknown => (rng.integer(20) === 0 ? pick(rng, odd) : rng.integer(4));

function headerOf(rng: Rng): { readonly text: string; readonly total: number } {
  const entries: string[] = [];
  let at = 0;
  for (let n = rng.integer(4); n >= 0; n--) {
    const dtype = pick(rng, dtypes);
    const shape = Array.from({ length: rng.integer(3) }, () => sizeOf(rng));
    const size = shape.reduce<number>((product, side) => product * Number(side), Object.hasOwn({ F32: 1, I64: 1, U8: 1, F16: 1 }, dtype) ? dtypeSize(dtype as Dtype) : 1 + rng.integer(4));
    const begin = rng.integer(15) === 0 ? rng.integer(9) : at;
    const end = rng.integer(15) === 0 ? sizeOf(rng) : begin + size;
    entries.push(`${JSON.stringify(pick(rng, ['a', 'b', 'c', '__metadata__', '__proto__']))}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
    at = Number(end) || at;
  }
  return { text: `{${entries.join(',')}}${' '.repeat(rng.integer(3))}`, total: Math.min(Math.max(at, 0), 200) };
}

function fileOf(rng: Rng): Uint8Array {
  const { text, total } = headerOf(rng);
  const json = utf8.encode(text);
  const file = new Uint8Array(8 + json.length + total + (rng.integer(20) === 0 ? 1 : 0));
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length) + (rng.integer(30) === 0 ? BigInt(rng.integer(2 ** 31)) << 30n : 0n), true);
  file.set(json, 8);
  return file;
}

const whole = writeSafetensors(new Map<string, StoredTensor>([
  ['w', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }], ['h', { dtype: 'BF16', shape: [3], data: new Uint16Array(3) }],
  ['n', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) }], ['e', { dtype: 'U8', shape: [0], data: new Uint8Array(0) }],
]), { note: 'x' });

function mutated(rng: Rng): Uint8Array {
  const file = whole.slice(0, rng.integer(4) === 0 ? rng.integer(whole.length) : whole.length);
  for (let n = rng.integer(4); n >= 0 && file.length > 0; n--) file[rng.integer(file.length)] = rng.integer(2) === 0 ? rng.integer(256) : pick(rng, [...utf8.encode('{}[]",:0123456789-eF')]);
  return file;
}

test(`${runs} headers and files at random are read whole or refused by one error`, () => {
  const rng = createRng(0).split('safetensors');
  const counts = { read: 0, refused: 0 };
  for (let i = 0; i < runs; i++) {
    const bytes = i % 2 === 0 ? fileOf(rng) : mutated(rng);
    try {
      let total = 0;
      for (const stored of readSafetensors(bytes).tensors.values()) {
        if (stored.data.length !== stored.shape.reduce((n, side) => n * side, 1)) throw new Error(`data of ${stored.data.length} for [${stored.shape}]`);
        total += stored.data.byteLength;
        if (!stored.dtype.startsWith('F8')) loadFloats(stored);
      }
      if (total > bytes.length) throw new Error('more data than the file has');
      counts.read++;
    } catch (error) {
      if (!isSpatialGANError(error, 'CHECKPOINT')) throw new Error(`input ${i}: ${String(error)}`, { cause: error });
      counts.refused++;
    }
  }
  expect(counts.read).toBeGreaterThan(runs / 50);
  expect(counts.refused).toBeGreaterThan(runs / 4);
}, 60_000);
