import { wasm } from '@spatialgan/backends/wasm';
import { createRng, disposeParams, type HeatmapPyramid, readParams, tensorsOf, unflattenParams } from '@spatialgan/core';
import { engine, tensor, type Tensor2D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel, type ModelConfig, presetConfig, type StoredModel } from '../index.js';
import { exportGenerator, regionNumbers } from './index.js';

beforeAll(async () => {
  await wasm().activate();
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
});

const small = { imgResolution: 16, channelBase: 128, latentDim: 8 };
const base = (preset: 'paper' | 'reference' | 'baseline'): ModelConfig => presetConfig(preset, small as never).model;
const indoor = (): ModelConfig => ({ ...base('paper'), encoder: { kind: 'indoor' }, sampler: { kind: 'multiObject', regions: 3 } } as ModelConfig);
const flatten = (): ModelConfig => ({ ...base('paper'), encoder: { kind: 'flatten' } } as ModelConfig);
const concatenating = (): ModelConfig => ({ ...base('paper'), encoder: { kind: 'concat' } } as ModelConfig);
const configs = { paper: () => base('paper'), reference: () => base('reference'), baseline: () => base('baseline'), indoor, flatten, concat: concatenating };

async function stored(config: ModelConfig): Promise<StoredModel> {
  const built = buildModel(config);
  const G = built.generator.init(createRng(4));
  // Noise and biases start at 0; random ones show whether they arrive.
  const params = new Map([...(await readParams(G))].map(([path, { shape, data }]) => {
    const rng = createRng(7).split(path);
    return [path, { shape, data: Float32Array.from(data, (v) => v + (/bias|noiseStrength|wAvg/.test(path) ? 0.3 * rng.normal() : 0)) }];
  }));
  disposeParams(G);
  return { config, G: params };
}

const feed = (values: Float32Array, dims: readonly number[]): ort.Tensor => new ort.Tensor('float32', values, [...dims]);

const random = (label: string, shape: readonly number[]): Float32Array =>
  Float32Array.from(tidy(() => createRng(12).split(label).normalTensor(shape).dataSync()));

/** Runs a graph on numbers that it was not traced with. */
async function runGraph(bytes: Uint8Array, feeds: Readonly<Record<string, ort.Tensor>>): Promise<Readonly<Record<string, ort.Tensor>>> {
  const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'all' });
  expect([...session.inputNames].sort()).toEqual(Object.keys(feeds).sort());
  return session.run({ ...feeds }) as Promise<Record<string, ort.Tensor>>;
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]!)));
};

describe.each(Object.keys(configs) as (keyof typeof configs)[])('%s', (name) => {
  it('gives in onnxruntime the image of our own networks, from regions and from heatmaps, in one graph and in two', async () => {
    const model = await stored(configs[name]());
    const { generator, sampler, renderer, heatmapChannels } = buildModel(model.config);
    const layout = sampler.sample(createRng(31));
    const steered = heatmapChannels.size > 0;
    const pyramid: HeatmapPyramid = steered ? renderer.render([layout], generator.heatmapResolutions) : new Map();
    const z = random('z', [1, generator.zDim]);
    const K = layout.levels.flatMap(({ regions }) => regions).length;
    const regionShape: [number, number, number, number] = [1, K, generator.numWs, generator.wDim];
    const regionWs = random('regions', regionShape);
    const G = unflattenParams(tensorsOf(model.G));
    const [ws, image] = tidy(() => {
      const codes = generator.map(G, tensor(z, [1, generator.zDim]) as Tensor2D, { truncationPsi: 0.6, heatmaps: pyramid });
      const context = { heatmaps: pyramid, noiseMode: 'const' as const, ...(generator.regionStyles ? { regionWs: tensor(regionWs, regionShape) as Tensor4D } : {}) };
      return [codes.dataSync(), generator.synthesize(G, codes as Tensor3D, context).dataSync()] as const;
    });
    const scale = Math.max(...Array.from(image, Math.abs));
    const latent = { z: feed(z, [1, generator.zDim]), psi: feed(Float32Array.of(0.6), [1]) };
    const styles = generator.regionStyles ? { region_ws: feed(regionWs, regionShape) } : {};
    const where = steered ? { regions: feed(regionNumbers(layout), [1, K, 6]) } : {};
    const before = engine().state.numTensors;

    const whole = await runGraph(exportGenerator(model), { ...latent, ...where, ...styles });
    expect(worst(whole['image']!.data as Float32Array, image) / scale).toBeLessThan(1e-4);

    const maps = new Map([...pyramid].sort(([a], [b]) => b - a).map(([resolution, map]) => [map, resolution]));
    const byMap = Object.fromEntries([...maps].map(([map, resolution]) => [`heatmap_${resolution}`, feed(map.dataSync() as Float32Array, map.shape)]));
    const inMapping = model.config.encoder?.kind === 'flatten' ? byMap : {};
    const first = await runGraph(exportGenerator(model, { part: 'mapping', layout: 'heatmaps' }), { ...latent, ...inMapping });
    expect(worst(first['ws']!.data as Float32Array, ws)).toBeLessThan(1e-5 * Math.max(1, ...Array.from(ws, Math.abs)));
    const second = await runGraph(exportGenerator(model, { part: 'synthesis', layout: 'heatmaps' }), { ws: first['ws']!, ...byMap, ...styles });
    expect(worst(second['image']!.data as Float32Array, image) / scale).toBeLessThan(1e-4);

    expect(engine().state.numTensors).toBe(before);
    disposeParams(G);
    for (const map of maps.keys()) map.dispose();
  });
});

it('carries the configuration and the licence of the data', async () => {
  const model = { ...(await stored(base('paper'))), provenance: { licences: ['CC BY 4.0'] } };
  const text = new TextDecoder('latin1').decode(exportGenerator(model, { part: 'mapping' }));
  expect(text).toContain('CC BY 4.0');
  expect(text).toContain('"encoder"');
});

it('refuses weights of another configuration and regions that are no Gaussians', async () => {
  const model = await stored(base('paper'));
  expect(() => exportGenerator({ ...model, config: base('baseline') })).not.toThrow();
  expect(() => exportGenerator({ ...model, config: { ...model.config, generator: { ...model.config.generator, wDim: 9 } } })).toThrow(/G\..*expected shape/);
  const noise = { ...model.config, sampler: { kind: 'noise' } } as ModelConfig;
  const noisy = await stored(noise);
  expect(() => exportGenerator(noisy)).toThrow(/take heatmaps as inputs/);
  expect(exportGenerator(noisy, { layout: 'heatmaps' }).length).toBeGreaterThan(1000);
});
