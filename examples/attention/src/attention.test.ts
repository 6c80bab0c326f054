import { wasm } from '@spatialgan/backends/wasm';
import { createRng } from '@spatialgan/core';
import { classScore, combineMaps, extractAttention, layerCam, layersModelScore } from '@spatialgan/gradcam';
import { beforeAll, expect, it } from 'vitest';
import { createClassifier, trainClassifier } from './classifier.js';
import { drawShapes, SIDE } from './shapes.js';

beforeAll(() => wasm().activate());

it('learns to tell discs from rings, and its attention lies on them', async () => {
  const classifier = createClassifier();
  expect(await trainClassifier(classifier)).toBeGreaterThan(0.9);
  const { images, discs, masks } = drawShapes(createRng(8), 16);
  const maps = extractAttention(layerCam({ targets: ['conv3'], scoreOf: classScore(discs) }), layersModelScore(classifier), images);
  const values = Array.from(combineMaps(maps, [SIDE, SIDE]).dataSync());
  const total = values.reduce((a, b) => a + b);
  const onShape = values.reduce((sum, v, i) => sum + v * masks[i]!, 0) / total;
  const share = masks.reduce((a, b) => a + b) / masks.length;
  expect(onShape).toBeGreaterThan(2 * share);
});
