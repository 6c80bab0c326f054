import '@tensorflow/tfjs-backend-wasm';
import { engine, ones, ready, setBackend, type Tensor4D, tensor4d, zeros } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ParamData } from '@spatialgan/core';
import { loadFloats, readSafetensors, type StoredTensor, writeSafetensors } from '@spatialgan/checkpoint';
import { inceptionBlocks, inceptionConvolutions } from './architecture.js';
import { inceptionExtractor, inceptionMaps } from './inceptionExtractor.js';
import { disposeInception, type InceptionWeights, loadInception } from './loadInception.js';

let shared: InceptionWeights;
beforeAll(async () => {
  await setBackend('wasm');
  await ready();
  shared = loadInception(stateDict());
});
afterAll(() => disposeInception(shared));

const convolutions = inceptionConvolutions();
/** Weights that repeat themselves, of unit gain. */
function stateDict(): Map<string, ParamData> {
  const waves = Float32Array.from({ length: 4099 }, (_, i) => Math.sin(i * 12.9898));
  const fill = (shape: readonly number[], value: (i: number) => number): ParamData => {
    const data = new Float32Array(shape.reduce((n, d) => n * d, 1));
    for (let i = 0; i < data.length; i++) data[i] = value(i);
    return { shape, data };
  };
  const state = new Map<string, ParamData>();
  for (const { name, shape } of convolutions) {
    const [O, I, h, w] = shape;
    const size = Math.sqrt(2 / (I * h * w));
    state.set(`${name}.conv.weight`, fill(shape, (i) => waves[i % 4099]! * 1.4 * size));
    state.set(`${name}.bn.weight`, fill([O], () => 1));
    state.set(`${name}.bn.bias`, fill([O], (i) => 0.1 * Math.cos(i)));
    state.set(`${name}.bn.running_mean`, fill([O], (i) => 0.05 * Math.sin(i)));
    state.set(`${name}.bn.running_var`, fill([O], () => 0.999));
    state.set(`${name}.bn.num_batches_tracked`, fill([], () => 0));
  }
  state.set('fc.weight', fill([1008, 2048], (i) => waves[i % 4099]! * 0.03));
  state.set('fc.bias', fill([1008], () => 0));
  return state;
}

describe('the network of 2015-12-05', () => {
  it('has the parameters of torchvision without its auxiliary head, and 1008 classes', () => {
    // torchvision's inception_v3: 27 161 264, of which 3 326 696 are AuxLogits; eight classes more add 8 · 2049.
    const inConvolutions = convolutions.reduce((sum, { shape: [O, I, h, w] }) => sum + O * I * h * w + 2 * O, 0);
    expect(inConvolutions + 1008 * 2049).toBe(27_161_264 - 3_326_696 + 8 * 2049);
    expect(convolutions).toHaveLength(94);
    expect(new Set(convolutions.map(({ name }) => name)).size).toBe(94);
  });

  it('has the channels that the paper\'s blocks have', () => {
    const inputs = new Map(convolutions.map(({ name, shape }) => [name, shape[1]]));
    const channels = ['Mixed_5b', 'Mixed_5c', 'Mixed_5d', 'Mixed_6b', 'Mixed_6e', 'Mixed_7b', 'Mixed_7c'].map((block) => inputs.get(`${block}.branch1x1`));
    expect(channels).toEqual([192, 256, 288, 768, 768, 1280, 2048]);
    expect(inputs.get('Mixed_6a.branch3x3')).toBe(288);
    expect(inputs.get('Mixed_7c.branch3x3dbl_3b')).toBe(384);
    expect(inceptionBlocks).toHaveLength(13);
  });
});

describe('loadInception', () => {
  it('folds normalization: ReLU((W * x - μ) γ/√(σ² + ε) + β)', () => {
    const state = stateDict();
    const first = 'Conv2d_1a_3x3';
    state.set(`${first}.bn.running_var`, { shape: [32], data: new Float32Array(32).fill(4) });
    state.set(`${first}.bn.weight`, { shape: [32], data: new Float32Array(32).fill(3) });
    const weights = loadInception(state);
    const { filter, bias } = weights.convolutions.get(first)!;
    const scale = 3 / Math.sqrt(4.001);
    const raw = state.get(`${first}.conv.weight`)!.data;
    expect(filter.shape).toEqual([3, 3, 3, 32]);
    expect(filter.arraySync()[1]![2]![0]![5]).toBeCloseTo(raw[(5 * 3 + 0) * 9 + 1 * 3 + 2]! * scale, 6);
    expect(bias.arraySync()[5]).toBeCloseTo(0.1 * Math.cos(5) - 0.05 * Math.sin(5) * scale, 6);
    disposeInception(weights);
  });

  it('names what is missing or of another shape, and leaves no tensors', () => {
    const before = engine().state.numTensors;
    const state = stateDict();
    state.delete('Mixed_7c.branch_pool.bn.running_var');
    expect(() => loadInception(state)).toThrow(/Mixed_7c\.branch_pool\.bn\.running_var of shape \[192\], got none/);
    state.set('Mixed_5b.branch1x1.conv.weight', { shape: [64, 192, 3, 3], data: new Float32Array(64 * 192 * 9) });
    expect(() => loadInception(state)).toThrow(/Mixed_5b\.branch1x1\.conv\.weight of shape \[64,192,1,1\], got \[64,192,3,3\]/);
    expect(engine().state.numTensors).toBe(before);
  });
});

describe('inceptionExtractor', () => {
  it('reads a safetensors tree and gives 2048 features and 1008 probabilities', () => {
    const stored = new Map([...stateDict()].map(([name, { shape, data }]): [string, StoredTensor] => [name, { dtype: 'F32', shape, data }]));
    const { tensors } = readSafetensors(writeSafetensors(stored));
    const before = engine().state.numTensors;
    const extractor = inceptionExtractor(new Map([...tensors].map(([name, tensor]) => [name, loadFloats(tensor)])), { version: 'test' });
    const loaded = engine().state.numTensors;
    expect(extractor).toMatchObject({ info: { name: 'inception-v3-2015-12-05', dims: 2048, published: true }, size: 299, resize: 'tf-bilinear' });
    const images = tensor4d(Float32Array.from({ length: 299 * 299 * 3 }, (_, i) => (i * 31) % 256), [1, 299, 299, 3]);
    const { features, probabilities } = extractor.extract(images);
    expect([features.shape, probabilities!.shape]).toEqual([[1, 2048], [1, 1008]]);
    const values = features.dataSync<'float32'>();
    expect(values.every(Number.isFinite)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(100);
    expect(probabilities!.dataSync<'float32'>().reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
    for (const tensor of [images, features, probabilities!]) tensor.dispose();
    expect(engine().state.numTensors).toBe(loaded);
    extractor.dispose();
    expect(engine().state.numTensors).toBe(before);
  });

  it('has 8×8 maps of 299×299 images and 1×1 of 75×75', () => {
    const maps = (x: Tensor4D): readonly number[] => {
      const y = inceptionMaps(shared, x);
      y.dispose();
      return y.shape;
    };
    const [large, small] = [zeros([1, 299, 299, 3]) as Tensor4D, ones([2, 75, 75, 3]) as Tensor4D];
    expect(maps(large)).toEqual([1, 8, 8, 2048]);
    expect(maps(small)).toEqual([2, 1, 1, 2048]);
    large.dispose();
    small.dispose();
  });
});
