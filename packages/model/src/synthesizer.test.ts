import { engine, memory, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRuntime } from '@spatialgan/backends';
import { cpu } from '@spatialgan/backends/cpu';
import { wasm } from '@spatialgan/backends/wasm';
import { createRng, disposeParams } from '@spatialgan/core';
import { type HeatmapLayout, type LatentSpec, regionsOf, type SynthesisRequest } from '@spatialgan/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from './buildModel.js';
import type { ModelConfig } from './modelConfig.js';
import { paperConfig } from './paperConfigs.js';
import { presetConfig } from './presets.js';
import { labelOf, type Loaded, type Mapped, stackCodes, wsOf } from './requestTensors.js';
import { createSynthesizer } from './synthesizer.js';

function configsOf(imgResolution: number): Readonly<Record<string, ModelConfig>> {
  const sizes = { imgResolution, channelBase: 8 * imgResolution, channelMax: 16, latentDim: 16 };
  const paper = presetConfig('paper', sizes).model;
  return {
    paper,
    reference: presetConfig('reference', sizes).model,
    baseline: presetConfig('baseline', sizes).model,
    indoor: paperConfig('indoor/sel-align', sizes).model,
    flatten: { ...paper, encoder: { kind: 'flatten' } },
    'with labels': presetConfig('paper', { ...sizes, cDim: 3 }).model,
  };
}
const names = Object.keys(configsOf(16));

const seedOf = (seed: number): LatentSpec => ({ kind: 'seed', seed });
/** Moves the first region of a level. */
const moved = (layout: HeatmapLayout, level: number, by: number): HeatmapLayout => ({
  ...layout,
  levels: layout.levels.map((one, l) => (l !== level ? one : {
    ...one, regions: one.regions.map((region, k) => (k > 0 ? region : { ...region, center: { x: region.center.x + by, y: region.center.y } })),
  })),
});
const styled = (layout: HeatmapLayout, style: LatentSpec): HeatmapLayout => ({
  ...layout, levels: layout.levels.map((one) => ({ ...one, regions: one.regions.map((region, k) => (k === 0 ? { ...region, style } : region)) })),
});

/** The image by the functions of the model alone. */
function reference(loaded: Loaded, request: SynthesisRequest): number[] {
  const { generator, renderer } = loaded.model;
  const { layout, latent, truncationPsi: psi = 1, noise = 'const' } = request;
  return tidy(() => {
    const heatmaps = renderer.render([layout], generator.heatmapResolutions);
    const mapped = { psi, heatmaps, ...labelOf(loaded, request) };
    const network = { ...generator, map: (z: Tensor2D, { psi: truncationPsi, ...context }: Mapped) => generator.map(loaded.G, z, { truncationPsi, ...context }) };
    const ws = wsOf(network, latent, mapped);
    const image = generator.synthesize(loaded.G, ws, {
      heatmaps, ...(typeof noise === 'string' ? { noiseMode: noise } : { noiseMode: 'random', rng: createRng(noise.seed).split('noise') }),
      ...(generator.regionStyles && { regionWs: stackCodes(regionsOf(layout).map(({ style }) => (style ? wsOf(network, style, mapped) : ws))) }),
    });
    return [...image.dataSync()];
  });
}
const numbers = (image: Tensor4D): number[] => {
  const values = [...image.dataSync()];
  image.dispose();
  return values;
};

describe.each(['wasm', 'cpu'])('a synthesizer on %s', (backend) => {
  beforeAll(async () => {
    await createRuntime({ prefer: [backend === 'cpu' ? cpu() : wasm({ threads: 1 })] });
  });

  it.each(names)('makes the same bits as the model alone through a row of edits: %s', (name) => {
    const model = buildModel(configsOf(backend === 'cpu' ? 16 : 32)[name]!);
    const loaded: Loaded = { model, G: model.generator.init(createRng(1)) };
    const synthesizer = createSynthesizer(loaded);
    const layout = model.sampler.sample(createRng(2));
    const first: SynthesisRequest = { latent: seedOf(1), layout };
    const last = layout.levels.length - 1;
    const rows: readonly SynthesisRequest[] = [
      first,
      { ...first, layout: moved(layout, 0, 0.1) },
      { ...first, layout: moved(layout, last, -0.2) },
      first,
      { ...first, layout: styled(layout, seedOf(7)) },
      { ...first, latent: { kind: 'mix', from: seedOf(1), to: seedOf(9), amount: 0.25 }, truncationPsi: 0.5 },
      { ...first, noise: { seed: 1 } },
      { ...first, noise: { seed: 2 }, layout: moved(layout, last, 0.1) },
      { ...first, noise: 'none' },
      ...[[3, [0, 1, 0]], [4, [0, 0, 1]], [5, [0, 0.5, 0.5]]].map(([seed, label]): SynthesisRequest => ({
        latent: seedOf(seed as number), layout: model.sampler.sample(createRng(seed as number)), ...(model.generator.cDim > 0 && { label: label as number[] }),
      })),
    ];
    for (const request of rows) {
      const smaller = synthesizer.sides()[0]!;
      synthesizer.synthesize(request, smaller).dispose();
      expect(numbers(synthesizer.synthesize(request))).toEqual(reference(loaded, request));
      expect(numbers(synthesizer.synthesize(request))).toEqual(reference(loaded, request));
    }
    synthesizer.dispose();
    disposeParams(loaded.G);
  });
});

describe('a synthesizer', () => {
  let loaded: Loaded;
  beforeAll(async () => {
    await createRuntime({ prefer: [wasm({ threads: 1 })] });
    const model = buildModel(configsOf(32)['paper']!);
    loaded = { model, G: model.generator.init(createRng(1)) };
  });
  afterAll(() => disposeParams(loaded.G));

  it('leaves nothing behind, and holds no more after many requests than after a few', () => {
    const [before, buffers] = [memory().numTensors, engine().backend.numDataIds()];
    const synthesizer = createSynthesizer(loaded);
    const layout = loaded.model.sampler.sample(createRng(2));
    const held: number[] = [];
    for (let i = 0; i < 200; i++) {
      synthesizer.synthesize({ latent: seedOf(i), layout: moved(layout, i % 3, i / 1000) }).dispose();
      held.push(memory().numTensors);
    }
    expect(held[199]).toBe(held[100]);
    synthesizer.dispose();
    synthesizer.dispose();
    expect(memory().numTensors).toBe(before);
    expect(engine().backend.numDataIds()).toBe(buffers);
  });

  it('offers smaller images on the way, and counts what has changed', () => {
    const synthesizer = createSynthesizer(loaded);
    const layout = loaded.model.sampler.sample(createRng(2));
    const request: SynthesisRequest = { latent: seedOf(1), layout };
    expect(synthesizer.sides()).toEqual([32]);
    synthesizer.synthesize(request).dispose();
    expect(synthesizer.sides()).toEqual([16, 32]);
    const edits = synthesizer.edits();
    const preview = synthesizer.synthesize(request, 16);
    expect(preview.shape).toEqual([1, 16, 16, 3]);
    expect(synthesizer.edits()).toBe(edits);
    const next = synthesizer.synthesize({ ...request, layout: moved(layout, 1, 0.1) }, 16);
    expect(synthesizer.edits()).toBe(edits + 1);
    expect(numbers(next)).not.toEqual(numbers(preview));
    synthesizer.dispose();
  });
});
