import { mkdirSync, writeFileSync } from 'node:fs';
import { sum, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { createRng, type TappedScore } from '@spatialgan/core';
import {
  classScore, combineMaps, deletionInsertion, extractAttention, gradCam, layerCam, layersModelScore, listTaps, overlay, scoreCam, smoothAttention,
} from '@spatialgan/gradcam';
import { encodePng } from '@spatialgan/gradcam/png';
import { styleGan2Discriminator } from '@spatialgan/stylegan2';
import { createClassifier, trainClassifier } from './classifier.js';
import { foreignDiscriminator } from './foreignDcgan.js';
import { drawShapes, SIDE } from './shapes.js';

const { reason } = await createRuntime({ prefer: [wasm()] });
console.log(reason);
const out = process.argv[2];
if (out) mkdirSync(out, { recursive: true });

/** Writes one picture per image, if a folder was given. */
async function save(name: string, images: Tensor4D, map: Tensor4D): Promise<void> {
  if (!out) return;
  const pictures = await overlay(images, map);
  pictures.forEach((picture, i) => writeFileSync(`${out}/${name}-${i}.png`, encodePng(picture)));
}

// 1. A classifier: what in the image made it say "disc"?
const classifier = createClassifier();
const accuracy = await trainClassifier(classifier);
const score = layersModelScore(classifier);
const { images, masks } = drawShapes(createRng(2), 8);
console.log(`classifier: ${(accuracy * 100).toFixed(0)} % right; layers:`, listTaps(score, images).map(({ name, suggested }) => name + (suggested ? ' (start here)' : '')).join(', '));
const layer = listTaps(score, images).find(({ suggested }) => suggested)!.name;
const prediction = tidy(() => score(images, (_, x) => x).dataSync());
const predicted = Array.from({ length: 8 }, (_, n) => (prediction[2 * n + 1]! > prediction[2 * n]! ? 1 : 0));
for (const method of [gradCam, layerCam, scoreCam]) {
  const extractor = method({ targets: [layer], scoreOf: classScore(predicted) });
  const maps = extractAttention(extractor, score, images);
  const map = combineMaps(maps, [SIDE, SIDE]);
  const values = Array.from(map.dataSync());
  const onShape = values.reduce((total, v, i) => total + v * masks[i]!, 0) / values.reduce((total, v) => total + v, 0);
  const judged = await deletionInsertion({ score, images, map, scoreOf: classScore(predicted) });
  const area = judged.reduce((total, { deletion }) => total + deletion.area, 0) / judged.length;
  console.log(`  ${extractor.name}: ${(onShape * 100).toFixed(0)} % of the attention lies on the shape (${(100 * masks.reduce((a, b) => a + b) / masks.length).toFixed(0)} % of the pixels); deletion ${area.toFixed(2)}`);
  await save(extractor.name, images, map);
}

// 2. Somebody else's DCGAN: nothing to change in it.
const foreign = layersModelScore(foreignDiscriminator());
const smooth = smoothAttention({ extractor: gradCam({ targets: ['act1', 'act2'] }), score: foreign, images });
console.log('foreign DCGAN: maps', Object.entries(smooth).map(([name, { shape }]) => `${name} [${shape}]`).join(', '));
await save('dcgan', images, combineMaps(smooth, [SIDE, SIDE]));

// 3. Our discriminator taps its blocks itself.
const discriminator = styleGan2Discriminator({ imgResolution: 32, channelBase: 256, channelMax: 32 });
const params = discriminator.init(createRng(3));
const ours: TappedScore = (x, tap) => sum(discriminator.score(params, x, tap), 1);
const faces = createRng(4).normalTensor<Tensor4D>([2, 32, 32, 3]);
const attention = extractAttention(gradCam({ targets: ['b8', 'b16', 'b32'], preset: 'reference' }), ours, faces);
console.log('our discriminator: maps', Object.entries(attention).map(([name, { shape }]) => `${name} [${shape}]`).join(', '));
await save('stylegan2', faces, combineMaps(attention, [32, 32]));
