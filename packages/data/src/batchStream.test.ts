import '@tensorflow/tfjs-backend-cpu';
import { dispose, memory, ready } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type BatchCursor, batchStream } from './batchStream.js';
import { cachedDataset } from './cachedDataset.js';
import { type ImageDataset } from './imageDataset.js';
import { limitDataset } from './limitDataset.js';
import { memoryDataset } from './memoryDataset.js';

beforeAll(() => ready());

/** Image i is 2×2: its left pixels are i, its right ones 255 - i. */
const numbered = (count: number, labelled = false): ImageDataset =>
  memoryDataset({
    resolution: 2,
    images: Array.from({ length: count }, (_, i) => Uint8Array.from({ length: 12 }, (_, j) => (j % 6 < 3 ? i : 255 - i))),
    ...(labelled && { labels: Array.from({ length: count }, (_, i) => Float32Array.of(i, -i)) }),
  });

async function draw(stream: ReturnType<typeof batchStream>, batches: number): Promise<number[]> {
  const seen: number[] = [];
  for (let k = 0; k < batches; k++) {
    const batch = await stream.next();
    const data = await batch.images.data();
    for (let i = 0; i < data.length; i += 12) seen.push(Math.round((data[i]! + 1) * 127.5));
    dispose([batch.images, ...(batch.labels ? [batch.labels] : [])]);
  }
  return seen;
}

test('pixels come as u8 / 127.5 - 1 in [batch, side, side, 3]', async () => {
  const stream = batchStream(memoryDataset({ resolution: 1, images: [Uint8Array.of(0, 255, 51)] }), { batch: 1, seed: 0 });
  const { images, labels } = await stream.next();
  expect(images.shape).toEqual([1, 1, 1, 3]);
  expect(labels).toBeUndefined();
  expect(images.dataSync()).toEqual(Float32Array.of(-1, 1, Math.fround(-0.6)));
  images.dispose();
  stream.dispose();
});

test('an epoch shows each image once, and batches go on across epochs', async () => {
  const stream = batchStream(numbered(10), { batch: 4, seed: 3 });
  const seen = await draw(stream, 5);
  const sorted = (part: number[]): number[] => [...part].sort((a, b) => a - b);
  expect(sorted(seen.slice(0, 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(sorted(seen.slice(10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(seen.slice(0, 10)).not.toEqual(seen.slice(10));
  expect(stream.cursor).toEqual({ seed: 3, length: 10, epoch: 1, position: 10 });
  stream.dispose();
});

test('a stream resumes exactly from its cursor, whatever was read ahead', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 6 }), fc.integer(), fc.boolean(),
      async (length, batch, before, seed, mirror) => {
        const dataset = numbered(length);
        const whole = batchStream(dataset, { batch, seed, mirror });
        const all = await draw(whole, before + 3);
        const first = batchStream(dataset, { batch, seed, mirror });
        const head = await draw(first, before);
        const cursor = JSON.parse(JSON.stringify(first.cursor)) as BatchCursor;
        const second = batchStream(dataset, { batch, seed, mirror, cursor });
        expect([...head, ...(await draw(second, 3))]).toEqual(all);
        expect(second.cursor).toEqual(whole.cursor);
        for (const stream of [whole, first, second]) stream.dispose();
      },
    ),
    { numRuns: 40 },
  );
});

test('mirroring flips about half of the images left-right, and none unless asked', async () => {
  const dataset = numbered(100);
  const flipped = batchStream(dataset, { batch: 100, seed: 1, mirror: true });
  const seen = await draw(flipped, 1);
  const turned = seen.filter((value) => value > 127).length;
  expect(turned).toBeGreaterThan(30);
  expect(turned).toBeLessThan(70);
  const straight = batchStream(dataset, { batch: 100, seed: 1 });
  expect(Math.max(...(await draw(straight, 1)))).toBe(99);
});

test('labels travel with their images', async () => {
  const stream = batchStream(numbered(6, true), { batch: 6, seed: 5 });
  const { images, labels } = await stream.next();
  const pixels = images.dataSync();
  const values = labels!.dataSync();
  for (let i = 0; i < 6; i++) {
    const index = Math.round((pixels[12 * i]! + 1) * 127.5);
    expect([values[2 * i], values[2 * i + 1]]).toEqual([index, -index]);
  }
  dispose([images, labels!]);
  stream.dispose();
});

test('calls made at once are answered in order', async () => {
  const one = batchStream(numbered(8), { batch: 2, seed: 9 });
  const many = batchStream(numbered(8), { batch: 2, seed: 9 });
  const expected = await draw(one, 4);
  const batches = await Promise.all([many.next(), many.next(), many.next(), many.next()]);
  const got = batches.flatMap(({ images }) => [0, 12].map((i) => Math.round((images.dataSync()[i]! + 1) * 127.5)));
  expect(got).toEqual(expected);
  batches.forEach(({ images }) => images.dispose());
});

test('a bad image is an error of the batch it is in, once, and a good read goes on', async () => {
  let broken = true;
  const base = numbered(4);
  const dataset: ImageDataset = {
    ...base,
    image: (index) => (broken && index === 2 ? Promise.reject(new Error('gone')) : base.image(index)),
  };
  const stream = batchStream(dataset, { batch: 4, seed: 0 });
  await expect(stream.next()).rejects.toThrow('gone');
  broken = false;
  expect((await draw(stream, 1)).sort()).toEqual([0, 1, 2, 3]);
  stream.dispose();
});

test('no tensor is made ahead, and none outlives its batch', async () => {
  const before = memory().numTensors;
  const stream = batchStream(numbered(4), { batch: 2, seed: 0 });
  const { images } = await stream.next();
  expect(memory().numTensors).toBe(before + 1);
  images.dispose();
  stream.dispose();
  stream.dispose();
  expect(memory().numTensors).toBe(before);
  await expect(stream.next()).rejects.toMatchObject({ code: 'DISPOSED' });
});

test('a cursor of other data, another seed or nonsense is refused', () => {
  const good: BatchCursor = { seed: 1, length: 4, epoch: 0, position: 2 };
  const make = (cursor: BatchCursor, seed = 1) => () => batchStream(numbered(4), { batch: 2, seed, cursor });
  expect(make(good)).not.toThrow();
  expect(make({ ...good, length: 5 })).toThrow(/over 5 images/);
  expect(make(good, 2)).toThrow(/seed 1/);
  expect(make({ ...good, position: 5 })).toThrow(/damaged/);
  expect(make({ ...good, epoch: 0.5 })).toThrow(/damaged/);
  expect(() => batchStream(numbered(4), { batch: 0, seed: 0 })).toThrow(/positive integer/);
});

test('limitDataset keeps the first images, cachedDataset reads each once within its memory', async () => {
  const limited = limitDataset(numbered(9, true), 3);
  expect([limited.length, limited.cDim]).toEqual([3, 2]);
  await expect(limited.image(3)).rejects.toMatchObject({ code: 'DATA' });
  let reads = 0;
  const cached = cachedDataset({ ...limited, image: (index) => (reads++, limited.image(index)) }, { maxBytes: 24 });
  for (let k = 0; k < 3; k++) for (let i = 0; i < 3; i++) expect((await cached.image(i))[0]).toBe(i);
  expect(reads).toBe(5);
  const first = await cached.image(0);
  first.fill(77);
  expect((await cached.image(0))[0]).toBe(0);
});
