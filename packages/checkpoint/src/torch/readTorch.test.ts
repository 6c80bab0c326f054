import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isSpatialGANError } from '@spatialgan/core';
import { zipSync, type Zippable } from 'fflate';
import { describe, expect, it, test } from 'vitest';
import { binBytes, floatStorage, littleEndian, nestedStorage, nestedVector, pickleBytes, shortText, streamOpening } from '../../test/pickleBytes.js';
import { readTorch } from './readTorch.js';
import { tensorFloats, type TorchStorage, type TorchTensor } from './torchValues.js';

interface Fixtures {
  readonly files: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
}
const { files, expected } = JSON.parse(readFileSync(fileURLToPath(new URL('../../test/fixtures/tensors.json', import.meta.url)), 'utf8')) as Fixtures;
const fixture = (name: string): Uint8Array => new Uint8Array(Buffer.from(files[name]!, 'base64'));
const budget = (): { left: number } => ({ left: 1e6 });

function refusal(bytes: Uint8Array): string {
  const start = performance.now();
  try {
    const file = readTorch(bytes);
    if (file.value instanceof Map) for (const [name, value] of file.value as Map<string, TorchTensor>) if (value?.kind === 'tensor') tensorFloats(name, value, budget());
  } catch (error) {
    const { message } = error as Error;
    if (isSpatialGANError(error, 'CHECKPOINT') && !message.includes('\n') && message.length < 600 && performance.now() - start < 5000) return message;
    throw new Error('expected one short CHECKPOINT error soon', { cause: error });
  }
  throw new Error('it was read');
}

describe('what PyTorch 2.0.1 wrote', () => {
  it.each(Object.keys(files).filter((name) => name !== 'with others'))('is read: %s', (name) => {
    const { format, value } = readTorch(fixture(name));
    expect(name.startsWith(format)).toBe(true);
    const tensors = value as Map<string, TorchTensor>;
    expect([...tensors.keys()]).toEqual(Object.keys(expected));
    for (const [key, tensor] of tensors) {
      const { shape, data } = tensorFloats(key, tensor, budget());
      expect({ shape, data: [...data] }, key).toEqual(expected[key]);
    }
    // Inside a pickle each tensor has a stream of its own.
    if (format !== 'pickle') expect(tensors.get('turned')!.storage).toBe(tensors.get('shared')!.storage);
  });

  it('is read as records where it is no tensor', () => {
    const value = readTorch(fixture('with others')).value as Map<string, unknown>;
    expect(value.get('module')).toMatchObject({ kind: 'instance', of: 'torch.nn.modules.container.Sequential' });
    expect(value.get('number')).toMatchObject({ of: 'numpy.core.multiarray.scalar' });
    expect(value.get('array')).toMatchObject({ of: 'numpy.core.multiarray._reconstruct' });
    expect(value.get('size')).toEqual([1, 2]);
  });

  it.each(['torch stream', 'torch zip', 'pickle 4'])('is refused when it is cut off at any byte: %s', (name) => {
    const whole = fixture(name);
    const step = name === 'torch zip' ? 7 : 3;
    const ends = Array.from({ length: Math.ceil(whole.length / step) }, (_, i) => i * step);
    expect(ends.filter((end) => !/^(pickle|PyTorch file): /.test(refusal(whole.subarray(0, end))))).toEqual([]);
  });
});

const data = pickleBytes('\u0000\u0000\u0080?');
const stream = (id: Uint8Array, rest: Uint8Array): Uint8Array => pickleBytes(streamOpening, id, '.', rest);
const keys = pickleBytes(']', shortText('0'), 'a.');

describe('streams of torch.save before 1.6', () => {
  it('lie about their storages in vain', () => {
    const right = stream(floatStorage('0', 1), pickleBytes(keys, littleEndian(1, 8), data));
    expect([...new Float32Array((readTorch(right).value as TorchStorage).bytes().slice().buffer)]).toEqual([1]);
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [stream(floatStorage('0', 1), pickleBytes(keys, littleEndian(2, 8), data)), /has 2 elements, 1 were announced/],
      [stream(floatStorage('0', 2 ** 30), pickleBytes(keys, littleEndian(2 ** 30, 8), data)), /beyond the end of the file/],
      [stream(floatStorage('0', 1), pickleBytes(keys, littleEndian(1, 8), data, 'x')), /ends at byte/],
      [stream(floatStorage('0', 1), pickleBytes('].')), /does not fit/],
      [stream(floatStorage('0', 1), pickleBytes(']', shortText('1'), 'a.', littleEndian(1, 8), data)), /names an unknown one/],
      [stream(pickleBytes('K', 5, 'Q'), keys), /no storage/],
      [stream(pickleBytes('cos\nsystem\n)R'), keys), /"os\.system"/],
    ];
    for (const [bytes, message] of cases) expect(refusal(bytes)).toMatch(message);
  });

  it('hold no streams inside the streams of a pickle', () => {
    const inner = stream(nestedStorage(Float32Array.of(1)), pickleBytes('].'));
    expect(refusal(pickleBytes('ctorch.storage\n_load_from_bytes\n', binBytes(inner), 0x85, 'R.'))).toContain('"torch.storage._load_from_bytes"');
    const evil = stream(pickleBytes('cos\nsystem\n)R'), pickleBytes('].'));
    expect(refusal(pickleBytes('ctorch.storage\n_load_from_bytes\n', binBytes(evil), 0x85, 'R.'))).toContain('"os.system"');
    expect(refusal(pickleBytes('ctorch.storage\n_load_from_bytes\n', binBytes(pickleBytes('N.')), 0x85, 'R.'))).toContain('no torch.save stream');
  });

  it('are counted together, however often one is read', () => {
    const many = stream(pickleBytes('N0'.repeat(20_000), 'N'), pickleBytes('].'));
    const again = pickleBytes('h', 0, 'h', 1, 0x85, 'R0');
    const bomb = pickleBytes('ctorch.storage\n_load_from_bytes\nq', 0, binBytes(many), 'q', 1, ...Array.from({ length: 1000 }, () => again), 'N.');
    expect(refusal(bomb)).toMatch(/holds no storage|more instructions/);
    const storage = stream(pickleBytes('N0'.repeat(20_000), floatStorage('0', 1)), pickleBytes(keys, littleEndian(1, 8), data));
    const second = pickleBytes('ctorch.storage\n_load_from_bytes\nq', 0, binBytes(storage), 'q', 1, ...Array.from({ length: 1000 }, () => again), 'N.');
    expect(refusal(second)).toContain('more instructions');
  });
});

describe('zips', () => {
  const tensorPickle = pickleBytes(0x80, 2, '}', shortText('w'), 'ctorch._utils\n_rebuild_tensor_v2\n(', floatStorage('0', 4), 'K', 0, 'K', 4, 0x85, 'K', 1, 0x85, 0x89, 'NtRs.');
  const zip = (entries: Zippable, level: 0 | 9 = 0): Uint8Array => zipSync(entries, { level });
  const four = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  const whole = (): Uint8Array => zip({ 'm/data.pkl': tensorPickle, 'm/data/0': four, 'm/version': pickleBytes('3\n'), 'm/byteorder': pickleBytes('little') });

  it('are read, packed or not, whatever their folder is called', () => {
    for (const bytes of [whole(), zip({ 'm/data.pkl': tensorPickle, 'm/data/0': four }, 9), zip({ 'data.pkl': tensorPickle, 'data/0': four })]) {
      const w = (readTorch(bytes).value as Map<string, TorchTensor>).get('w')!;
      expect([...tensorFloats('w', w, budget()).data]).toEqual([1, 2, 3, 4]);
    }
  });

  it('that lie, burst or lack something are refused', () => {
    const zeros = new Uint8Array(50_000_000);
    const twice = whole();
    const name = Buffer.from(twice.buffer).lastIndexOf('m/data/0');
    twice.set(pickleBytes('m/data.pk').subarray(0, 8), name);
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [zip({ 'm/data.pkl': tensorPickle, 'm/data/0': zeros }, 9), /states 50000000 bytes from \d+: damaged, or built to exhaust memory/],
      [zip({ 'm/data.pkl': tensorPickle }), /the zip has no bytes/],
      [zip({ 'm/data.pkl': tensorPickle, 'm/data/0': four.subarray(4) }), /should have 4 elements of F32, the zip has 12 bytes/],
      [zip({ 'readme.txt': four }), /holds no data\.pkl/],
      [zip({ 'a/data.pkl': tensorPickle, 'b/data.pkl': tensorPickle }), /holds no data\.pkl/],
      [zip({ 'm/data.pkl': tensorPickle, 'm/data/0': four, 'm/byteorder': pickleBytes('big') }), /big-endian/],
      [zip({ 'm/data.pkl': pickleBytes('cos\nsystem\n)R.'), 'm/data/0': four }), /"os\.system"/],
      [twice, /the zip has no bytes/],
      [pickleBytes('PK\u0003\u0004', new Uint8Array(100)), /cut off or damaged/],
    ];
    for (const [bytes, message] of cases) expect(refusal(bytes)).toMatch(message);
    expect(() => {
      const w = (readTorch(whole(), { maxUnpacked: 8 }).value as Map<string, TorchTensor>).get('w')!;
      return tensorFloats('w', w, budget());
    }).toThrow(/unpacks to more than 8 bytes/);
    const states = whole();
    const at = Buffer.from(states.buffer).lastIndexOf('m/data/0') - 46;
    states.set(littleEndian(0xfffffff0, 4), at + 20);
    states.set(littleEndian(0xfffffff0, 4), at + 24);
    expect(refusal(states)).toMatch(/larger than the file|cut off or damaged/);
  });
});

test('a tensor sees no more than its storage has, and a few bytes become no large array', () => {
  const storage: TorchStorage = { kind: 'storage', dtype: 'F32', length: 4, bytes: () => new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer) };
  const view = (offset: number, shape: readonly number[], strides: readonly number[]): TorchTensor => ({ kind: 'tensor', storage, offset, shape, strides });
  const read = (tensor: TorchTensor) => () => tensorFloats('w', tensor, { left: 6 });
  expect([...read(view(1, [2], [2]))().data]).toEqual([2, 4]);
  expect([...read(view(0, [2, 2], [1, 2]))().data]).toEqual([1, 3, 2, 4]);
  for (const wide of [view(1, [4], [1]), view(4, [], []), view(0, [2], [4]), view(0, [1000], [0]), view(0, [2 ** 30, 2 ** 30, 2 ** 30], [0, 0, 0]), view(2 ** 53, [1], [1])]) {
    expect(read(wide)).toThrow(/looks beyond its storage/);
  }
  const left = { left: 6 };
  tensorFloats('w', view(0, [4], [1]), left);
  expect(() => tensorFloats('w', view(0, [4], [1]), left)).toThrow(/more memory than the file has data/);
});

test('negative and fractional sizes are no sizes', () => {
  const shaped = (size: Uint8Array): Uint8Array => pickleBytes('ctorch._utils\n_rebuild_tensor_v2\n(', nestedStorage(Float32Array.of(1)), 'K', 0, size, 0x85, 'K', 1, 0x85, 0x89, 'NtR.');
  expect(refusal(shaped(pickleBytes('J', littleEndian(-1, 4))))).toContain('without storage, shape or strides');
  expect(refusal(shaped(pickleBytes('F0.5\n')))).toContain('without storage, shape or strides');
  expect(refusal(shaped(pickleBytes('I99999999999999999999\n')))).toContain('without storage, shape or strides');
  expect((readTorch(pickleBytes(nestedVector(Float32Array.of(1, 2)), '.')).value as TorchTensor).shape).toEqual([2]);
});

test('other files are called what they are', () => {
  const others: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ['', /is empty/], ['<!DOCTYPE html><html>', /a web page; the download failed/], ['version https://git-lfs.github.com/spec/v1\n', /pointer of Git LFS/],
    ['\x1f\x8b\x08', /gzip/], ['\x89HDF\r\n', /HDF5/], [pickleBytes(littleEndian(2, 8), '{}'), /a safetensors file already/],
    [pickleBytes(new Uint8Array(257), 'ustar'), /before 0\.1\.10/], ['hello', /no instruction|damaged/],
    ['cdnnlib.tflib.network\nNetwork\n.', /"dnnlib\.tflib\.network\.Network".*TensorFlow network.*legacy\.py/],
    ['cmodel\nGenerator\n.', /save its state_dict\(\)/],
  ];
  for (const [bytes, message] of others) expect(refusal(pickleBytes(bytes))).toMatch(message);
});
