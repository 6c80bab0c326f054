import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isSpatialGANError } from '@spatialgan/core';
import { describe, expect, it, test } from 'vitest';
import { littleEndian, pickleBytes, shortText, stackGlobal } from '../../test/pickleBytes.js';
import { readPickle } from './readPickle.js';

const fixtures = JSON.parse(readFileSync(fileURLToPath(new URL('../../test/fixtures/plain.json', import.meta.url)), 'utf8')) as Record<string, string>;
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

/** The one error, of one line, and quickly. */
function refusal(bytes: Uint8Array): string {
  const start = performance.now();
  try {
    readPickle(bytes);
  } catch (error) {
    const { message } = error as Error;
    if (isSpatialGANError(error, 'CHECKPOINT') && !message.includes('\n') && message.length < 600 && performance.now() - start < 5000) return message;
    throw new Error('expected one short CHECKPOINT error soon', { cause: error });
  }
  throw new Error('it was read');
}

describe('what CPython wrote', () => {
  it.each(Object.keys(fixtures))('is read by protocol %s', (protocol) => {
    const value = readPickle(bytesOf(fixtures[protocol]!)) as Map<string, unknown>;
    expect(value.get('none')).toBe(null);
    expect(value.get('flags')).toEqual([true, false]);
    expect(value.get('ints')).toEqual([0, 1, -1, 255, 256, 65535, 65536, -(2 ** 31), 2 ** 31, 2n ** 53n + 2n, -(2n ** 63n), 2n ** 200n]);
    expect(value.get('floats')).toEqual([0, -1.5, 1e300, Infinity, -Infinity]);
    expect(value.get('text')).toEqual(['', 'a', 'Grüße ☺ 😀', 'x'.repeat(300), 'line\nbreak \\ back']);
    const byteStrings = value.get('bytes') as Uint8Array[];
    expect(byteStrings.map((each) => [...each])).toEqual([[], [97, 98, 0, 255], Array.from({ length: 512 }, (_, i) => i & 255)]);
    expect(value.get('tuples')).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
    expect(value.get('again')).toBe(value.get('tuples'));
    expect(value.get('dict')).toEqual(new Map<unknown, unknown>([[1, 'one'], ['two', new Map([['nested', [[]]]])]]));
    expect([...(value.get('ordered') as Map<string, number>)]).toEqual([['b', 1], ['a', 2]]);
    expect([value.get('set'), value.get('frozen')]).toEqual([new Set([3]), new Set([4])]);
    expect(value.get('many')).toEqual(Array.from({ length: 1200 }, (_, i) => i));
    expect(value.get('args')).toEqual({ kind: 'instance', of: 'argparse.Namespace', args: [], state: new Map([['size', 256], ['lr', 0.002]]) });
  });

  it.each(['2', '4'])('is refused when it is cut off at any byte (protocol %s)', (protocol) => {
    const whole = bytesOf(fixtures[protocol]!);
    const wrong = Array.from({ length: whole.length }, (_, end) => end).filter((end) => !/^pickle: /.test(refusal(whole.subarray(0, end))));
    expect(wrong).toEqual([]);
  });
});

describe('code in a pickle', () => {
  const calls: readonly (readonly [string, Uint8Array])[] = [
    ['os.system', pickleBytes("cos\nsystem\n(S'touch pwned'\ntR.")],
    ['posix.system', pickleBytes(0x80, 2, 'cposix\nsystem\n', 'X', littleEndian(2, 4), 'ls', 0x85, 'R.')],
    ['builtins.eval', pickleBytes(0x80, 4, stackGlobal('builtins', 'eval'), shortText('1+1'), 0x85, 'R.')],
    ['builtins.eval', pickleBytes("c__builtin__\neval\n(S'1'\ntR.")],
    ['builtins.exec', pickleBytes("(S'import os'\ni__builtin__\nexec\n.")],
    ['builtins.getattr', pickleBytes('(cbuiltins\ngetattr\nNo.')],
    ['builtins.__import__', pickleBytes(0x80, 4, stackGlobal('builtins', '__import__'), ')', 0x81, '.')],
    ['subprocess.Popen', pickleBytes(0x80, 4, stackGlobal('subprocess', 'Popen'), ')', '}', 0x92, '.')],
    ['collections.OrderedDict.__init__', pickleBytes(0x80, 4, stackGlobal('collections', 'OrderedDict.__init__'), ')R.')],
    ['torch.storage._load_from_bytes', pickleBytes('ctorch.storage\n_load_from_bytes\n)R.')],
    ['Object.constructor', pickleBytes('cObject\nconstructor\n.')],
    ['__proto__.toString', pickleBytes('c__proto__\ntoString\n.')],
    ['constructor.constructor', pickleBytes('cconstructor\nconstructor\n.')],
  ];
  it.each(calls)('%s is named and refused', (name, bytes) => {
    const message = refusal(bytes);
    expect(message).toContain(`it names "${name}"`);
    expect(message).toContain('nothing of it was run');
  });

  it('is refused where it is named, though it is never called', () => {
    expect(refusal(pickleBytes('cos\nsystem\n0N.'))).toContain('os.system');
  });

  it('cannot reach the registry of extensions, data outside the file or unknown instructions', () => {
    expect(refusal(pickleBytes(0x82, 1, '.'))).toContain('the registry of extensions');
    expect(refusal(pickleBytes('Psome id\n.'))).toContain('data outside the file');
    expect(refusal(pickleBytes('NQ.'))).toContain('data outside the file');
    expect(refusal(pickleBytes(0x97, '.'))).toContain('buffers outside the file');
    expect(refusal(pickleBytes(0xff))).toContain('0xff, no instruction');
    expect(refusal(pickleBytes(0x80, 6, 'N.'))).toContain('expected protocol 0 to 5, got 6');
  });
});

test('lengths that lie are refused before memory is taken', () => {
  const cut = /ends at byte|is cut off|does not end/;
  for (const letter of ['X', 'B', 'T']) expect(refusal(pickleBytes(letter, littleEndian(0xffffffff, 4), 'abc'))).toMatch(cut);
  for (const code of [0x8d, 0x8e, 0x96]) expect(refusal(pickleBytes(code, littleEndian(2n ** 63n, 8), 'abc'))).toMatch(cut);
  expect(refusal(pickleBytes(0x8b, littleEndian(0x7fffffff, 4)))).toMatch(cut);
  expect(refusal(pickleBytes(0x8b, littleEndian(100_000, 4), new Uint8Array(100_000), '.'))).toContain('an integer of 100000 bytes');
  expect(refusal(pickleBytes('I', '9'.repeat(10_000), '\n.'))).toContain('does not end');
  expect(refusal(pickleBytes('X', littleEndian(2 ** 24 + 1, 4), new Uint8Array(2 ** 24 + 1), '.'))).toContain('a text of 16777217 bytes');
  expect(readPickle(pickleBytes(0x95, littleEndian(2n ** 63n, 8), 'N.'))).toBe(null);
  expect(readPickle(pickleBytes('Nr', littleEndian(0xffffffff, 4), 'j', littleEndian(0xffffffff, 4), '.'))).toBe(null);
});

test('values inside values are bounded in depth, whichever way they are built', () => {
  const n = 200_000;
  expect(refusal(pickleBytes('N', new Uint8Array(n).fill(0x85), '.'))).toContain('nested more than 200 deep');
  expect(refusal(pickleBytes(new Uint8Array(n).fill(0x5d), new Uint8Array(n - 1).fill(0x61), '.'))).toContain('nested more than 200 deep');
  expect(refusal(pickleBytes(new Uint8Array(n).fill(0x28), 'N', new Uint8Array(n).fill(0x74), '.'))).toContain('nested more than 200 deep');
  // From the outside in: each list was shallow when it was added.
  const inward = pickleBytes('h', 0, ']q', 1, 'a0h', 1, 'q', 0, '0');
  expect(refusal(pickleBytes(']q', 0, ...Array.from({ length: 5000 }, () => inward), '.'))).toContain('nested more than 200 deep');
  expect(readPickle(pickleBytes('N', new Uint8Array(199).fill(0x85), '.'))).toHaveLength(1);
});

test('a value that contains itself is refused', () => {
  expect(refusal(pickleBytes(']q', 0, 'h', 0, 'a.'))).toContain('contains itself');
  expect(refusal(pickleBytes('}q', 0, 'Nh', 0, 's.'))).toContain('contains itself');
  expect(refusal(pickleBytes(']q', 0, 'h', 0, 0x85, 'a.'))).toContain('contains itself');
});

test('laughs by the billion are read as the few values they are', () => {
  const levels = Array.from({ length: 60 }, (_, i) => pickleBytes('](', ...Array.from({ length: 10 }, () => pickleBytes('h', i)), 'eq', i + 1));
  let list = readPickle(pickleBytes(']q', 0, ...levels, '.')) as unknown[];
  for (let depth = 0; depth < 60; depth++) list = list[9] as unknown[];
  expect(list).toEqual([]);
  expect(readPickle(pickleBytes('N', ...Array.from({ length: 150 }, () => pickleBytes('2', 0x86)), '.'))).toHaveLength(2);
});

test('floods of containers, instructions and copies end at their limits', () => {
  expect(refusal(new Uint8Array(1_000_000).fill(0x7d))).toContain('more containers than the limit');
  expect(refusal(pickleBytes('}0'.repeat(500_000), 'N.'))).toContain('more containers than the limit');
  expect(refusal(pickleBytes('N0'.repeat(2_100_000), 'N.'))).toContain('more instructions than the limit');
  expect(refusal(new Uint8Array(5_000_000).fill(0x28))).toContain('more instructions than the limit');
  const million = 'a'.repeat(1_000_000);
  const encode = pickleBytes('h', 1, 'h', 0, shortText('latin1'), 0x86, 'R0');
  const copies = pickleBytes('X', littleEndian(million.length, 4), million, 'q', 0, 'c_codecs\nencode\nq', 1, ...Array.from({ length: 50 }, () => encode), 'N.');
  expect(refusal(copies)).toContain('more copied than the limit');
  const sets = pickleBytes('](', 'N'.repeat(100_000), 'eq', 0, 'c__builtin__\nset\nq', 1, ...Array.from({ length: 500 }, () => pickleBytes('h', 1, 'h', 0, 0x85, 'R0')), 'N.');
  expect(refusal(sets)).toContain('more copied than the limit');
});

test('a damaged program is refused wherever it takes what is not there', () => {
  const programs = ['.', 'a.', 'Na.', 'NNs.', 'e.', '(e.', 'R.', 'NR.', 'N)R.', 'b.', 'NNb.', '}K\u0001u.', 't.', 'u.', 'h\u0000.', 'g1\n.', 'gx\n.', 'p0\n.', 'q\u0000.', 'i.', 'co\n', 'c\n\n.', 'o.', '(o.', '(No.', 'I5x\n.', 'F1..2\n.', 'Sabc\n.', 'V\\Uffffffff\n.', '1.', '2.', '\u0090.', 'N(\u0090.', '\u0093.', 'NN\u0093.', '\u0085.', 'N\u0086.', '\u0092.', 'ccollections\nOrderedDict\nK\u0001\u0085R.', 'ccollections\nOrderedDict\n]NaaR.', 'c__builtin__\nset\nK\u0001\u0085R.', 'N.N'];
  for (const program of programs) expect(refusal(pickleBytes(program)), JSON.stringify(program)).toMatch(/^pickle: /);
});

test('limits are the caller\'s', () => {
  const list = pickleBytes('](NNNe.');
  expect(readPickle(list)).toEqual([null, null, null]);
  expect(() => readPickle(list, { maxInstructions: 3 })).toThrow(/more instructions/);
  expect(() => readPickle(list, { maxContainers: 0 })).toThrow(/more containers/);
  expect(() => readPickle(pickleBytes(']]a.'), { maxDepth: 1 })).toThrow(/more than 1 deep/);
});
