import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRng, isSpatialGANError, type Rng } from '@spatialgan/core';
import { expect, test } from 'vitest';
import { importModel } from '../imports/importModel.js';
import { readTorch } from './readTorch.js';
import { tensorFloats, type TorchTensor } from './torchValues.js';

const fixtureFile = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)), 'utf8')) as Record<string, unknown>;
const decoded = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const files = fixtureFile('tensors.json')['files'] as Record<string, string>;
const plain = fixtureFile('plain.json') as Record<string, string>;
const corpus = [...Object.values(files), plain['0']!, plain['2']!, plain['4']!].map(decoded);

/** Bytes that mean much to a pickle. */
const telling = [...'(.0IJKMLFGNSTUVXBC]})tladesuqrphjgcRoibPQ'].map((letter) => letter.charCodeAt(0)).concat([0, 1, 0x7f, 0x80, 0x85, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x93, 0x94, 0x95, 0xff]);

function mutated(source: Uint8Array, rng: Rng): Uint8Array {
  let bytes = source.slice() as Uint8Array;
  for (let n = 1 + rng.integer(4); n > 0; n--) {
    // The program is at the beginning; what lies behind is mostly data.
    const at = rng.integer(rng.integer(2) === 0 ? Math.min(300, bytes.length) : bytes.length);
    const kind = rng.integer(6);
    const length = 1 + rng.integer(8);
    if (kind <= 1) bytes[at] = telling[rng.integer(telling.length)]!;
    else if (kind === 2) bytes[at] = rng.integer(256);
    else if (kind === 3) bytes[at]! ^= 1 << rng.integer(8);
    else if (kind === 4) bytes = bytes.copyWithin(at, at + length).subarray(0, bytes.length - Math.min(length, bytes.length - at));
    else bytes.copyWithin(at, rng.integer(bytes.length), bytes.length - length);
  }
  return bytes;
}

/** Reads all there is to read: 'read', or the one error. */
function outcome(bytes: Uint8Array): 'read' | 'refused' {
  try {
    const { value } = readTorch(bytes);
    const budget = { left: 1e6 };
    if (value instanceof Map) for (const each of value.values()) if ((each as TorchTensor | null)?.kind === 'tensor') tensorFloats('w', each as TorchTensor, budget);
    return 'read';
  } catch (error) {
    if (isSpatialGANError(error, 'CHECKPOINT')) return 'refused';
    throw error;
  }
}

test('20,000 mutated files of CPython and PyTorch are read or refused by one error, none for long', () => {
  const rng = createRng(0).split('pickles');
  const counts = { read: 0, refused: 0 };
  let slowest = 0;
  for (let i = 0; i < 20_000; i++) {
    const start = performance.now();
    counts[outcome(mutated(corpus[i % corpus.length]!, rng))]++;
    slowest = Math.max(slowest, performance.now() - start);
  }
  expect(counts.read).toBeGreaterThan(1000);
  expect(counts.refused).toBeGreaterThan(1000);
  expect(slowest).toBeLessThan(3000);
}, 60_000);

test('20,000 programs of random instructions build data or one error', () => {
  const rng = createRng(0).split('programs');
  for (let i = 0; i < 20_000; i++) outcome(Uint8Array.from({ length: 1 + rng.integer(60) }, () => telling[rng.integer(telling.length)]!));
});

test('300 mutated model files become a model or one error', () => {
  const whole = decoded(fixtureFile('rosinality.json')['file'] as string);
  const rng = createRng(0).split('models');
  const counts = { imported: 0, refused: 0 };
  for (let i = 0; i < 300; i++) {
    try {
      importModel(mutated(whole, rng));
      counts.imported++;
    } catch (error) {
      if (!isSpatialGANError(error, 'CHECKPOINT')) throw error;
      counts.refused++;
    }
  }
  expect(counts.imported * counts.refused).toBeGreaterThan(0);
}, 60_000);
