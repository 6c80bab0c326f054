import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { zipSource } from '../zipSource.js';
import { countWhole, openPartialZip } from './partialZip.js';
import { centralDirectory, localHeader, type StoredEntry } from './zipRecords.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spatialgan-zip-records-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('an archive of more than 65535 files is read back by yauzl', async () => {
  const path = join(root, 'many.zip');
  const entries = Array.from({ length: 65537 }, (_, i): StoredEntry => ({ name: `${i}.png`, size: 0, crc: 0 }));
  const bytes = Buffer.concat([...entries.map(localHeader), ...centralDirectory(entries)]);
  await writeFile(path, bytes);
  const source = await zipSource(path);
  expect(source.files).toHaveLength(65537);
  expect(await source.read('65536.png')).toHaveLength(0);
  source.dispose();
});

test('beyond 4 GiB places are said in 64 bits', () => {
  const far: StoredEntry[] = [{ name: 'a', size: 0xfffffff0, crc: 1 }, { name: 'b', size: 2, crc: 3 }];
  const [a, b, end] = [...centralDirectory(far)];
  expect([a!.readUInt32LE(42), a!.readUInt16LE(30), a!.length]).toEqual([0, 0, 47]);
  const offset = 30 + 1 + 0xfffffff0;
  expect([b!.readUInt32LE(42), b!.readUInt16LE(30), b!.readUInt16LE(47), b!.readBigUInt64LE(51)]).toEqual([0xffffffff, 12, 1, BigInt(offset)]);
  const start = offset + 30 + 1 + 2;
  expect(end!.subarray(0, 4).toString('latin1')).toBe('PK\x06\x06');
  expect([end!.readBigUInt64LE(24), end!.readBigUInt64LE(48), end!.readBigUInt64LE(56 + 8), end!.readUInt32LE(76 + 16)]).toEqual([2n, BigInt(start), BigInt(start + 47 + 59), 0xffffffff]);
});

test('files are counted up to the first that is cut off or changed', async () => {
  const path = join(root, 'harmed.zip');
  const zip = await openPartialZip(path, []);
  const entries: StoredEntry[] = [];
  for (const name of ['a', 'b', 'c']) entries.push(await zip.append(name, Buffer.from(`${name} content`)));
  expect(await countWhole(path, entries)).toBe(3);
  expect(await countWhole(path, [entries[0]!, { ...entries[1]!, crc: 0 }, entries[2]!])).toBe(1);
  await zip.close();
  const again = await openPartialZip(path, entries.slice(0, 2));
  await again.finish();
  await again.close();
  expect(await countWhole(path, entries)).toBe(2);
  expect(await countWhole(join(root, 'none'), entries)).toBe(0);
});
