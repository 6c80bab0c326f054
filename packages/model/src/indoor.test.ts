import { wasm } from '@spatialgan/backends/wasm';
import { createRng, disposeParams, type SpatialEncoder, type TrainingSnapshot } from '@spatialgan/core';
import { selIndoor } from '@spatialgan/sel';
import type { HeatmapLayout, RgbaImage } from '@spatialgan/schema';
import { styleGan2Generator } from '@spatialgan/stylegan2';
import { createTrainer, disposeGeneratorInputs, type DivergenceEvent, drawGeneratorInputs, generate, type Trainer, type TrainerOptions } from '@spatialgan/trainer';
import { type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel, createLocalRuntime, lossesOf, paperConfig } from './index.js';

beforeAll(() => wasm().activate());

const run = paperConfig('indoor/sel-align', { imgResolution: 32, batch: 2, latentDim: 8, channelBase: 256, channelMax: 16 });
const model = buildModel(run.model);
const trainerOf = (options: Partial<TrainerOptions> = {}): Trainer => {
  let drawn = 0;
  const data = { next: async () => ({ images: createRng(drawn++).normalTensor<Tensor4D>([2, 32, 32, 3]) }) };
  return createTrainer({ ...model, losses: lossesOf(run.training, model), seed: 2, data, styleMixingProb: 0, kimgPerTick: 0.002, ...options });
};

describe('indoor scenes (§3.4)', () => {
  it('draw n+1 codes: one for each of three regions, one for the background', () => {
    const inputs = drawGeneratorInputs({ ...model, styleMixingProb: 0, noiseMode: 'none' }, createRng(1), undefined, 2);
    expect(inputs.regionZ!.shape).toEqual([2, 3, 8]);
    expect(inputs.z.shape).toEqual([2, 8]);
    expect(inputs.layouts[0]!.levels).toMatchObject([{ resolutions: 'all', regions: [{}, {}, {}] }]);
    disposeGeneratorInputs(inputs);
  });

  it('are styled by a map at every layer, ToRGB too', () => {
    const sites: string[] = [];
    const inner = selIndoor() as SpatialEncoder;
    const encoder: SpatialEncoder = { ...inner, encodeStyles: (params, styles, heatmap, site, size) => (sites.push(site.path), inner.encodeStyles!(params, styles, heatmap, site, size)) };
    const generator = styleGan2Generator({ ...run.model.generator, encoder, heatmapChannels: Object.fromEntries(model.heatmapChannels) });
    const rng = createRng(3);
    const params = generator.init(rng);
    const inputs = drawGeneratorInputs({ ...model, styleMixingProb: 0, noiseMode: 'none' }, rng, undefined, 1);
    tidy(() => void generate(generator, params, inputs));
    disposeGeneratorInputs(inputs);
    const blocks = [4, 8, 16, 32].flatMap((r) => [...(r === 4 ? [] : ['conv0']), 'conv1', 'torgb'].map((layer) => `b${r}.${layer}`));
    expect([...sites].sort()).toEqual(blocks.sort());
    disposeParams(params);
  });

  it('align each map with its nearest region, and learn', async () => {
    const ticks: Readonly<Record<string, number>>[] = [];
    const trainer = trainerOf({ plugins: [{ name: 'keep', onTick: ({ stats }) => void ticks.push({ ...stats }) }] });
    await trainer.run({ kimg: 0.004 });
    trainer.dispose();
    expect(run.training.alignment).toMatchObject({ kind: 'minimum', targets: ['b8', 'b16', 'b32'] });
    for (const tick of ticks) for (const target of ['b8', 'b16', 'b32']) expect(tick[`Loss/G/align/${target}`]).toBeGreaterThanOrEqual(0);
  });

  it("let an editor change one region's style: the image changes most where the region is", async () => {
    const trainer = trainerOf();
    const { groups } = await trainer.save();
    trainer.dispose();
    const runtime = createLocalRuntime({ config: run.model, G: groups['gEma']! });
    expect(runtime.info.regionStyles).toBe(true);
    const region = (id: string, x: number, y: number) => ({ id, kind: 'gaussian' as const, center: { x, y }, covariance: [0.012, 0, 0.012] as const, weight: 1 });
    const layout: HeatmapLayout = { version: 1, levels: [{ resolutions: 'all', regions: [region('bed', 0.25, 0.25), region('lamp', 0.75, 0.25), region('rug', 0.5, 0.8)] }] };
    const restyled = (id: string): HeatmapLayout => ({
      ...layout, levels: layout.levels.map((level) => ({ ...level, regions: level.regions.map((each) => (each.id === id ? { ...each, style: { kind: 'seed' as const, seed: 77 } } : each)) })),
    });
    const draw = (drawn: HeatmapLayout): Promise<RgbaImage> => runtime.synthesize({ layout: drawn, latent: { kind: 'seed', seed: 5 }, noise: 'none' });
    const before = await draw(layout);
    for (const [id, x, y] of [['bed', 8, 8], ['lamp', 24, 8], ['rug', 16, 25]] as const) {
      const after = await draw(restyled(id));
      const change = { near: [] as number[], far: [] as number[] };
      for (let i = 0; i < 32 * 32; i++) {
        const distance = Math.hypot((i % 32) - x, Math.floor(i / 32) - y);
        const difference = [0, 1, 2].reduce((sum, k) => sum + Math.abs(after.pixels[i * 4 + k]! - before.pixels[i * 4 + k]!), 0);
        if (distance < 4) change.near.push(difference);
        if (distance > 14) change.far.push(difference);
      }
      const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
      expect(mean(change.near), id).toBeGreaterThan(2 * mean(change.far));
    }
    await runtime.dispose();
  });
});

describe('a step of the whole method', () => {
  const broken = async (change: (snapshot: TrainingSnapshot) => void): Promise<readonly DivergenceEvent[]> => {
    const events: DivergenceEvent[] = [];
    const trainer = trainerOf({ divergence: { policy: 'skip', onDivergence: (event) => void events.push(event) } });
    const snapshot = await trainer.save();
    change(snapshot);
    trainer.restore(snapshot);
    await trainer.run({ kimg: 0.002 });
    trainer.dispose();
    return events;
  };

  it('is finite throughout, and names the layer that overflows', async () => {
    expect(await broken(() => {})).toEqual([]);
    const [inD] = await broken(({ groups }) => void groups['D']!.get('b16.conv1.weight')!.data.fill(1e37));
    expect(inD).toMatchObject({ phase: 'Gmain', tensor: expect.stringMatching(/^forward \w+ at D\.b16\.conv1\.weight$/) as string });
    const [inG] = await broken(({ groups }) => void groups['G']!.get('synthesis.b8.conv1.bias')!.data.fill(3e38));
    expect(inG).toMatchObject({ phase: 'Gmain', tensor: expect.stringMatching(/^forward \w+ at G\.synthesis\.b8\.conv1\.bias$/) as string });
    const [weight] = await broken(({ groups }) => void groups['G']!.get('synthesis.b4.const')!.data.fill(NaN));
    expect(weight).toMatchObject({ phase: 'before', tensor: 'parameter G.synthesis.b4.const' });
  });
});
