import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSpatialGANError } from '@spatialgan/core';
import { decodeWhole } from '../decodeImage.js';
import { lmdbFileOf, lmdbSource } from './lmdbSource.js';
import { openLmdb } from './openLmdb.js';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url));
const content = gunzipSync(fixture('lsun.mdb.gz'));
const held = JSON.parse(fixture('lsun.json').toString()) as { gone: string; values: Record<string, [number, string]> };
let root = '';
let count = 0;
const file = async (bytes: Uint8Array): Promise<string> => {
  const path = join(root, `${count++}.mdb`);
  await writeFile(path, bytes);
  return path;
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spatialgan-lmdb-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('a file that liblmdb wrote gives its keys in order and each value byte for byte', async () => {
  const source = await lmdbSource(await file(content));
  expect(source.files).toEqual(Object.keys(held.values));
  for (const [key, [size, sha256]] of Object.entries(held.values)) {
    const value = await source.read(key);
    expect([value.length, createHash('sha256').update(value).digest('hex')]).toEqual([size, sha256]);
    expect((await decodeWhole(value)).channels).toBe(3);
  }
  expect(Object.values(held.values).filter(([size]) => size > 4096).length).toBeGreaterThan(2);
  source.dispose();
});

test('of the two states in a file the newer counts', async () => {
  const lmdb = await openLmdb(await file(content));
  expect(lmdb.entries).toBe(129);
  expect(await lmdb.get(Buffer.from(held.gone))).toBeUndefined();
  expect(await lmdb.get(Buffer.from('!'))).toBeUndefined();
  expect(await lmdb.get(Buffer.from('zz'))).toBeUndefined();
  await lmdb.close();
  await expect(lmdbSource(await file(content)).then((source) => source.read(held.gone))).rejects.toThrow(/not in the database/);
});

test('a folder means its data.mdb, and other files are no LMDB', async () => {
  const dir = join(root, 'lsun_lmdb');
  await mkdir(dir);
  expect(await lmdbFileOf(dir)).toBeUndefined();
  await writeFile(join(dir, 'data.mdb'), content);
  expect(await lmdbFileOf(dir)).toBe(join(dir, 'data.mdb'));
  expect(await lmdbFileOf(await file(Buffer.from('PK\x03\x04')))).toBeUndefined();
  expect(await lmdbFileOf(join(root, 'none'))).toBeUndefined();
});

test('maxImages stops the listing', async () => {
  const source = await lmdbSource(await file(content), { maxImages: 3 });
  expect(source.files).toEqual(Object.keys(held.values).slice(0, 3));
  source.dispose();
});

test('what is cut off, of another version or leads back into itself is refused with the reason', async () => {
  const changed = (change: (bytes: Buffer) => void): Promise<string> => {
    const bytes = Buffer.from(content);
    change(bytes);
    return file(bytes);
  };
  await expect(lmdbSource(await file(content.subarray(0, 9000)))).rejects.toThrow(/is refused: it is cut off/);
  await expect(lmdbSource(await changed((bytes) => bytes.writeUInt32LE(3, 20)))).rejects.toThrow(/data format 1, got 3/);
  const second = Buffer.alloc(4096);
  second.writeUInt32LE(0xbeefc0de, 24);
  second.writeUInt32LE(2, 28);
  await expect(lmdbSource(await file(second))).rejects.toThrow(/data format 2, which liblmdb 0\.9 and LSUN do not write/);
  const root = Number(content.readBigUInt64LE((content.readBigUInt64LE(144) > content.readBigUInt64LE(4096 + 144) ? 0 : 4096) + 128));
  const looped = await changed((bytes) => {
    const node = root * 4096 + bytes.readUInt16LE(root * 4096 + 16);
    bytes.writeUInt16LE(root, node);
  });
  await expect(lmdbSource(looped)).rejects.toThrow(/is refused: its tree is deeper/);
});

test('whatever bytes change, the result is values or one DATA error, never a hang or another throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(content.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), fc.boolean(), async (changes, early) => {
      const bytes = Buffer.from(content);
      for (const [at, value] of changes) bytes[early ? at % 8192 : at] = value;
      try {
        const source = await lmdbSource(await file(bytes));
        for (const key of source.files) await source.read(key).catch((cause: unknown) => expect((cause as Error).constructor).toBe(Error));
        source.dispose();
      } catch (cause) {
        expect(isSpatialGANError(cause, 'DATA'), String((cause as Error).stack)).toBe(true);
      }
    }),
    { numRuns: 80 },
  );
});
