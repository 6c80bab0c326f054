import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSpatialGANError } from '@spatialgan/core';
import { type Dtype, dtypeSize, elementsOf } from './dtypes.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.js';

const utf8 = new TextEncoder();

/** A file with any header, right or wrong. */
function fileOf(header: unknown, data: number | Uint8Array = 0, stated?: bigint): Uint8Array {
  const json = typeof header === 'string' ? utf8.encode(header) : utf8.encode(JSON.stringify(header));
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + json.length + body.length);
  new DataView(file.buffer).setBigUint64(0, stated ?? BigInt(json.length), true);
  file.set(json, 8);
  file.set(body, 8 + json.length);
  return file;
}
const f32 = (shape: readonly number[], begin: number, end: number): unknown => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

test('a file is laid out as the format says, byte by byte', () => {
  const file = writeSafetensors(new Map([['a', { dtype: 'F32', shape: [2], data: Float32Array.of(1, -2) }]]), { k: 'v' });
  const json = '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  expect([...file.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0]);
  expect(new TextDecoder().decode(file.subarray(8, 8 + padded.length))).toBe(padded);
  expect([...file.subarray(8 + padded.length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 192]);
});

test('a file of the reference writer is read', () => {
  const header = '{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[1,3],"data_offsets":[0,6]},"a":{"dtype":"U8","shape":[],"data_offsets":[6,7]}}';
  const { tensors, metadata } = readSafetensors(fileOf(header, Uint8Array.of(0, 0x3c, 0, 0xc0, 1, 0, 9)));
  expect(metadata).toEqual({ format: 'pt' });
  expect(tensors.get('b')).toEqual({ dtype: 'F16', shape: [1, 3], data: Uint16Array.of(0x3c00, 0xc000, 1) });
  expect(tensors.get('a')).toEqual({ dtype: 'U8', shape: [], data: Uint8Array.of(9) });
});

const dtypes: readonly Dtype[] = ['BOOL', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'U16', 'I16', 'F16', 'BF16', 'U32', 'I32', 'F32', 'U64', 'I64', 'F64'];
const stored: fc.Arbitrary<StoredTensor> = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(3), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const size = shape.reduce((n, d) => n * d, dtypeSize(dtype));
    return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => ({ dtype, shape, data: elementsOf(bytes.slice(), dtype) }));
  });
const bytesOf = ({ data }: StoredTensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();

test('whatever tensors are written come back bit by bit, aligned or not', () => {
  const names = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('__proto__', 'constructor', '0', 'a.b')).filter((name) => name !== '__metadata__');
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(names, stored), { selector: ([name]) => name, maxLength: 6 }), fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }), fc.nat(7),
      (entries, metadata, shift) => {
        const file = writeSafetensors(new Map(entries), metadata);
        expect(file.length % 8 === 0 || entries.some(([, { dtype }]) => dtypeSize(dtype) < 8)).toBe(true);
        const moved = new Uint8Array(file.length + shift);
        moved.set(file, shift);
        const read = readSafetensors(moved.subarray(shift));
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect([...read.tensors.keys()].sort()).toEqual(entries.map(([name]) => name).sort());
        for (const [name, tensor] of entries) {
          const back = read.tensors.get(name)!;
          expect([back.dtype, back.shape]).toEqual([tensor.dtype, tensor.shape]);
          expect(bytesOf(back)).toEqual(bytesOf(tensor));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('headers that lie are refused with the reason', () => {
  const cases: readonly (readonly [RegExp, Uint8Array])[] = [
    [/at least 8 bytes, got 3/, new Uint8Array(3)],
    [/header of at most 100000000/, fileOf('{}', 0, 2n ** 63n)],
    [/header of 99 bytes, got 2/, fileOf('{}', 0, 99n)],
    [/begin with \{/, fileOf(' {}')],
    [/not JSON/, fileOf('{"a":')],
    [/not JSON in UTF-8/, fileOf('{"\ud800": 1}'.replace('\ud800', '?'), 0).map((byte) => (byte === 0x3f ? 0xff : byte))],
    [/gap/, fileOf({ a: f32([1], 4, 8) }, 8)],
    [/gap/, fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12)],
    [/overlap/, fileOf({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8)],
    [/overlap/, fileOf({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4)],
    [/take 4 bytes, the file has 5/, fileOf({ a: f32([1], 0, 4) }, 5)],
    [/take 4 bytes, the file has 3/, fileOf({ a: f32([1], 0, 4) }, 3)],
    [/takes 4 bytes, its offsets give 8/, fileOf({ a: f32([1], 0, 8) }, 8)],
    [/offsets give -4/, fileOf({ a: f32([1], 8, 4) }, 8)],
    [/takes .* bytes/, fileOf({ a: f32([2 ** 30, 2 ** 30, 2 ** 30], 0, 0) })],
    [/shape of sizes/, fileOf({ a: f32([-1], 0, 4) }, 4)],
    [/shape of sizes/, fileOf({ a: f32([1.5], 0, 4) }, 4)],
    [/unknown dtype "F31"/, fileOf({ a: { dtype: 'F31', shape: [], data_offsets: [0, 4] } }, 4)],
    [/unknown dtype "toString"/, fileOf({ a: { dtype: 'toString', shape: [], data_offsets: [0, 4] } }, 4)],
    [/two data_offsets/, fileOf({ a: { dtype: 'F32', shape: [], data_offsets: [0] } }, 4)],
    [/expected \{dtype/, fileOf({ a: null })],
    [/hold strings/, fileOf({ __metadata__: { a: 1 } })],
    [/hold strings/, fileOf({ __metadata__: ['a'] })],
    [/says "a" twice/, fileOf(`{"a":${JSON.stringify(f32([1], 0, 4))},"b":${JSON.stringify(f32([0], 4, 4))},"\\u0061":${JSON.stringify(f32([1], 0, 4))}}`, 4)],
    [/says "dtype" twice/, fileOf('{"a":{"dtype":"F16","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4)],
    [/says "k" twice/, fileOf('{"__metadata__":{"k":"1","k":"2"}}')],
    [/says "__metadata__" twice/, fileOf('{"__metadata__":{},"__metadata__":{"a":"b"}}')],
  ];
  for (const [reason, file] of cases) {
    expect(() => readSafetensors(file), String(reason)).toThrow(reason);
    expect(() => readSafetensors(file)).toThrow(/the file is damaged or no safetensors file/);
  }
  expect(() => readSafetensors(fileOf(`{"a":${'['.repeat(200_000)}`))).toThrow(/not JSON/);
});

test('any change of bytes gives a file or one CHECKPOINT error', () => {
  const whole = writeSafetensors(new Map<string, StoredTensor>([
    ['w', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }],
    ['n', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) }],
    ['e', { dtype: 'U8', shape: [0], data: new Uint8Array(0) }],
  ]), { note: 'x' });
  const survives = (file: Uint8Array): void => {
    try {
      for (const { shape, data } of readSafetensors(file).tensors.values()) expect(data.length).toBe(shape.reduce((n, d) => n * d, 1));
    } catch (cause) {
      expect(isSpatialGANError(cause, 'CHECKPOINT'), String(cause)).toBe(true);
    }
  };
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), fc.nat(whole.length * 3), (changes, cut) => {
      const file = whole.slice();
      for (const [at, value] of changes) file[at] = value;
      survives(file.subarray(0, cut));
    }),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.json(), (json) => survives(fileOf(json, 16))), { numRuns: 500 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), survives), { numRuns: 500 });
});

test('what disagrees with its shape is not written', () => {
  const write = (tensor: StoredTensor, name = 'a') => () => writeSafetensors(new Map([[name, tensor]]));
  expect(write({ dtype: 'F32', shape: [3], data: new Float32Array(2) })).toThrow(/"a": expected 3 elements stored as F32 for shape \[3\], got Float32Array of 2/);
  expect(write({ dtype: 'F16', shape: [2], data: new Float32Array(2) })).toThrow(/stored as F16/);
  expect(write({ dtype: 'F32', shape: [], data: new Float32Array(1) }, '__metadata__')).toThrow(/__metadata__/);
});
