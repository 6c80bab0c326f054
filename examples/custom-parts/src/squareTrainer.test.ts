import { dispose, memory } from '@tensorflow/tfjs-core';
import { createRuntime } from '@spatialgan/backends';
import { cpu } from '@spatialgan/backends/cpu';
import { wasm } from '@spatialgan/backends/wasm';
import { createRng, flattenParams } from '@spatialgan/core';
import { gaussianRenderer } from '@spatialgan/heatmap';
import { styleGan2Generator } from '@spatialgan/stylegan2';
import { beforeAll, expect, it } from 'vitest';
import { type BoxRegion, boxSampler, paintBox } from './boxSampler.js';
import { shiftEncoder } from './shiftEncoder.js';
import { createSquareTrainer } from './squareTrainer.js';

beforeAll(async () => void (await createRuntime({ prefer: [wasm(), cpu()] })));

it('trains parts from outside the packages: losses are finite, the encoder learns, nothing leaks', async () => {
  const before = memory().numTensors;
  const stats: Record<string, number>[] = [];
  const trainer = createSquareTrainer([{ name: 'keep', onTick: (context) => void stats.push({ ...context.stats }) }]);
  const push = () => flattenParams(trainer.params.G).get('synthesis.b8.conv1.sel.region0')!.dataSync().slice();
  const drawn = push();
  await trainer.run({ kimg: 0.016 });
  expect(stats).toHaveLength(1);
  for (const name of ['Loss/G/align', 'Loss/G/meanColor']) expect(stats[0]![name]).toEqual(expect.any(Number));
  expect(Object.values(stats[0]!).every(Number.isFinite)).toBe(true);
  expect(push()).not.toEqual(drawn);
  trainer.dispose();
  expect(memory().numTensors).toBe(before);
});

it('lets a region of a new kind steer the image', () => {
  const generator = styleGan2Generator({
    imgResolution: 16, channelBase: 256, channelMax: 16, zDim: 16, wDim: 16, mapping: { numLayers: 2 },
    encoder: shiftEncoder(), heatmapChannels: { 4: 1, 8: 1 },
  });
  const renderer = gaussianRenderer({ kinds: { box: paintBox } });
  const rng = createRng(3);
  const params = generator.init(rng);
  const layout = boxSampler([4, 8]).sample(rng);
  const moved = structuredClone(layout);
  const box = moved.levels[1]!.regions[0] as BoxRegion;
  (box as { center: { x: number; y: number } }).center = { x: 1 - box.center.x, y: 1 - box.center.y };
  const ws = generator.map(params, rng.normalTensor([1, 16]));
  const [a, b] = [layout, moved].map((each) => {
    const heatmaps = renderer.render([each], generator.heatmapResolutions);
    return generator.synthesize(params, ws, { heatmaps, noiseMode: 'const' }).dataSync();
  });
  expect(Math.max(...a!.map((value, i) => Math.abs(value - b![i]!)))).toBeGreaterThan(0.01);
  dispose([ws]);
});
