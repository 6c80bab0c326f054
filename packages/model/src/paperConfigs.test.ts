import { wasm } from '@spatialgan/backends/wasm';
import { createRng } from '@spatialgan/core';
import { createTrainer } from '@spatialgan/trainer';
import { type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel, createLocalRuntime, lossesOf, paperConfig, type PaperConfigName, paperConfigNames, presetConfig } from './index.js';

beforeAll(() => wasm().activate());

const small = { imgResolution: 16, batch: 4, latentDim: 8, channelBase: 64, channelMax: 16 };

describe.each(paperConfigNames)('%s', (name) => {
  it('trains two steps with finite losses, and what it learned can be drawn', async () => {
    const { model, training } = paperConfig(name, small);
    const built = buildModel(model);
    let drawn = 0;
    const data = { next: async () => ({ images: createRng(drawn++).normalTensor<Tensor4D>([4, 16, 16, 3]) }) };
    const trainer = createTrainer({ ...built, losses: lossesOf(training, built), seed: 2, data, styleMixingProb: 0 });
    await trainer.run({ kimg: 0.008 });
    const { groups } = await trainer.save();
    trainer.dispose();
    const weights = groups['gEma']!;
    for (const [path, { data: values }] of weights) expect(values.every(Number.isFinite), path).toBe(true);
    const runtime = createLocalRuntime({ config: model, G: weights });
    const layout = await runtime.sampleLayout(1);
    const image = await runtime.synthesize({ layout, latent: { kind: 'seed', seed: 3 } });
    expect([image.width, image.height]).toEqual([16, 16]);
    await runtime.dispose();
  });
});

describe('paperConfig', () => {
  const config = (name: PaperConfigName) => paperConfig(name, small);
  const losses = (name: PaperConfigName): string[] => lossesOf(config(name).training, buildModel(config(name).model)).map((loss) => loss.name);

  it('names the method itself in every table', () => {
    for (const name of ['sel-align', 'sampling/hierarchical', 'encoding/norm', 'processing/coarse', 'indoor/conference'] as const) {
      expect({ ...config(name).model, name: '' }).toEqual({ ...presetConfig('paper', small).model, name: '' });
      expect(config(name).training).toEqual(presetConfig('paper', small).training);
    }
  });

  it('changes what the row says', () => {
    expect(config('baseline')).toMatchObject({ model: { encoder: null }, training: { alignment: null } });
    expect(config('sel')).toMatchObject({ model: { encoder: { kind: 'norm' } }, training: { alignment: null } });
    expect(config('processing/fine').model.renderer.size).toBe('image');
    expect(config('indoor/multi-object').model).toMatchObject({ sampler: { kind: 'multiObject' }, encoder: { kind: 'norm' } });
    expect(config('indoor/sel')).toMatchObject({ model: { encoder: { kind: 'indoor' } }, training: { alignment: { kind: 'level' } } });
    expect(config('indoor/sel-align').training.alignment!.kind).toBe('minimum');
    expect(losses('baseline').some((name) => /align/i.test(name))).toBe(false);
    expect(losses('indoor/sel-align').some((name) => /align/i.test(name))).toBe(true);
    expect(config('indoor/sel').model.name).toBe('indoor-sel16');
  });

  it('knows its names', () => {
    expect(() => paperConfig('toString' as PaperConfigName, small)).toThrow(/expected one of baseline, sel, .*got 'toString'/);
  });
});
