import '@tensorflow/tfjs-backend-wasm';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { createRng, disposeParams, readParams } from '@spatialgan/core';
import { foregroundSegmenter, type CoMoveTrial } from '@spatialgan/metrics';
import { buildModel, presetConfig } from '@spatialgan/model';
import { evaluateModel } from '../src/metrics/evaluateModel.js';

beforeAll(async () => {
  await setBackend('wasm');
  await ready();
});

// Measured with 300 moves of each of three seeds at 32 pixels: 0.022, 0.012 and 0.003, intervals up to 0.023 to each side.
it('the Co-move ratio of a model with random weights is near 0', async () => {
  const { model: config } = presetConfig('paper', { imgResolution: 32, channelBase: 256, channelMax: 16, latentDim: 16 });
  const G = buildModel(config).generator.init(createRng(3));
  const stored = { config, G: await readParams(G), provenance: {} };
  disposeParams(G);
  let trials: readonly CoMoveTrial[] = [];
  const [result] = await evaluateModel({
    stored, metrics: ['comove'], num: 60, seed: 1, segmenter: foregroundSegmenter(), onMoves: (examples) => void (trials = examples),
  });
  expect(Math.abs(result!.value)).toBeLessThan(0.1);
  expect(result!.interval!.high).toBeLessThan(0.25);
  expect(result!.counts['matched']).toBeGreaterThan(30);
  expect(trials).toHaveLength(16);
});
