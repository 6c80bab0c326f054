import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { createRng, type Rng } from '@spatialgan/core';
import type { ImageDataset } from '@spatialgan/data';
import { avatars } from '@spatialgan/data/avatars';
import { rooms } from '@spatialgan/data/rooms';
import { type ByteImage, collectFeatures, createFeatureStatistics, type FeatureExtractor, type FeatureStatistics, frechetDistance, type ImageSource } from '@spatialgan/metrics';
import { openSmallExtractor } from '@spatialgan/metrics/node';
import { type Degradation, degradations } from './degradations.js';

const usage = `usage: npm run extractor:check -- [--data avatars|rooms] [--num 1500] [--resolution 32] [--out FILE.json]

Asks whether the small extractor makes a sane metric: the FID of two halves of a data set, of one half against the other
spoiled more and more, and with more and more images of another one mixed in. The images have a seed that training did not use.`;

const { values: args } = parseArgs({
  options: { data: { type: 'string', default: 'avatars' }, num: { type: 'string', default: '1500' }, resolution: { type: 'string', default: '32' }, out: { type: 'string' }, help: { type: 'boolean', default: false } },
});
if (args.help) {
  console.log(usage);
  process.exit(0);
}
const ofRooms = args.data === 'rooms';
const [num, side] = [Number(args.num), Number(args.resolution)];

type Change = (image: ByteImage, rng: Rng, index: number) => Promise<ByteImage>;

function sourceOf(images: ImageSource, offset: number, change: Change | undefined): ImageSource {
  return {
    ...images, cacheable: false,
    async read(indices) {
      const read = await images.read(indices.map((i) => i + offset));
      return Promise.all(read.map((image, k) => (change ? change(image, createRng(7).split(`${indices[k]!}`), indices[k]!) : image)));
    },
  };
}

const runtime = await createRuntime({ prefer: [wasm()] });
const extractor: FeatureExtractor = await openSmallExtractor();
const dataset: ImageDataset = ofRooms ? rooms({ resolution: side, count: 2 * num, seed: 991 }) : await avatars({ resolution: side, count: 2 * num, seed: 991 });
const others: ImageDataset = await avatars({ resolution: side, count: num, seed: 992, styles: ofRooms ? ['fun-emoji'] : ['big-ears', 'big-smile', 'adventurer-neutral'] });
const imageOf = async (from: ImageDataset, index: number): Promise<ByteImage> => ({ data: await from.image(index), width: side, height: side, channels: 3 });
const images: ImageSource = {
  name: dataset.name, length: 2 * num, seed: null, cacheable: false,
  read: (indices) => Promise.all(indices.map((i) => imageOf(dataset, i))),
};

async function statisticsOf(source: ImageSource): Promise<FeatureStatistics> {
  const { statistics } = await collectFeatures({ source, indices: Array.from({ length: num }, (_, i) => i), extractor, needs: { statistics: true }, batch: 50 });
  return statistics ?? createFeatureStatistics(extractor.info.dims).result();
}

const real = await statisticsOf(sourceOf(images, num, undefined));
const fidOf = async (change?: Change): Promise<number> => frechetDistance(real, await statisticsOf(sourceOf(images, 0, change)));

const degraded = (method: Degradation, level: number): Change => async (image, rng, index) =>
  level === 0 ? image : method(image, { level, rng, other: await imageOf(dataset, (index + 1) % num) });
/** A share of the images is of another set. */
const mixed = (share: number): Change => async (image, rng, index) => (rng.split('mix').uniform() < share ? imageOf(others, index) : image);

const levels = [0, 0.1, 0.25, 0.5, 1];
const curves: Record<string, number[]> = {};
const half = await fidOf();
console.log(`FID of two halves of ${num} images: ${half.toFixed(3)}`);
for (const [name, at] of [...Object.entries(degradations).map(([key, method]) => [key, (level: number) => degraded(method, level)] as const), ['mixing-in', mixed] as const]) {
  curves[name] = [half];
  for (const level of levels.slice(1)) curves[name]!.push(await fidOf(at(level)));
  const rising = curves[name]!.every((value, i, all) => i === 0 || value > all[i - 1]!);
  console.log(`${name.padEnd(10)} ${curves[name]!.map((value) => value.toFixed(2).padStart(8)).join(' ')}   ${rising ? 'rises' : 'DOES NOT RISE'}`);
}
if (args.out !== undefined) writeFileSync(args.out, `${JSON.stringify({ extractor: extractor.info, num, resolution: side, levels, half, curves }, null, 2)}\n`);
dataset.dispose?.();
others.dispose?.();
runtime.dispose();
