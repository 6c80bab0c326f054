import { activateForTests } from '@spatialgan-internal/goldens';
import {
  memory, type Scalar, scalar, square, sum, tensor2d, type Tensor, type Tensor3D, tidy, add,
} from '@tensorflow/tfjs-core';
import {
  collectTaps, createRng, disposeParams, flattenParams, type GeneratorModel, valueAndGrad, vjp, withLeaves,
} from '@spatialgan/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GeneratorParams, styleGan2Generator } from './generator.js';
import type { Architecture, GeneratorConfig } from './generatorConfig.js';

beforeAll(async () => {
  await activateForTests('wasm');
});

const small: GeneratorConfig = { imgResolution: 16, zDim: 6, wDim: 5, channelBase: 64, channelMax: 8, mapping: { numLayers: 2 } };
const architectures: readonly Architecture[] = ['skip', 'resnet', 'orig'];
const noHeatmaps = { heatmaps: new Map() };
const values = (x: Tensor): number[] => [...x.dataSync()];

function setUp(config: Partial<GeneratorConfig> = {}, N = 2): {
  model: GeneratorModel<GeneratorParams>; params: GeneratorParams; ws: Tensor3D;
} {
  const model = styleGan2Generator({ ...small, ...config });
  const params = model.init(createRng(7));
  const c = model.cDim > 0 ? { c: createRng(1).normalTensor<ReturnType<typeof tensor2d>>([N, model.cDim]) } : {};
  return { model, params, ws: model.map(params, createRng(9).normalTensor([N, model.zDim]), c) };
}

/** Noise that is heard: every strength at 0.3. */
const withNoise = (params: GeneratorParams): GeneratorParams =>
  withLeaves(params, new Map([...flattenParams(params)].flatMap(([path]) => (path.endsWith('noiseStrength') ? [[path, scalar(0.3)]] : []))));

describe('styleGan2Generator', () => {
  it.each(architectures)('synthesizes images with architecture %s', (architecture) => {
    const { model, params, ws } = setUp({ architecture });
    expect(ws.shape).toEqual([2, 6, 5]);
    const images = model.synthesize(params, ws, noHeatmaps);
    expect(images.shape).toEqual([2, 16, 16, 3]);
    expect(values(images).every(Number.isFinite)).toBe(true);
  });

  it('counts its ws: one per convolution and one for the last ToRGB', () => {
    for (const [imgResolution, numWs] of [[4, 2], [32, 8], [64, 10], [256, 14], [1024, 18]] as const) {
      expect(styleGan2Generator({ imgResolution }).numWs).toBe(numWs);
    }
  });

  it('names its parameters as a checkpoint does', () => {
    const paths = (architecture: Architecture): string[] => [...flattenParams(setUp({ architecture, imgResolution: 8 }).params).keys()];
    const layer = ['weight', 'bias', 'affine.weight', 'affine.bias', 'noiseStrength', 'noiseConst'];
    const rgb = ['weight', 'bias', 'affine.weight', 'affine.bias'];
    const of = (name: string, leaves: readonly string[]): string[] => leaves.map((leaf) => `synthesis.${name}.${leaf}`);
    const mapping = ['fc0.weight', 'fc0.bias', 'fc1.weight', 'fc1.bias', 'wAvg'].map((leaf) => `mapping.${leaf}`);
    const features = ['synthesis.b4.const', ...of('b4.conv1', layer), ...of('b8.conv0', layer), ...of('b8.conv1', layer)];
    expect(paths('skip').sort()).toEqual([...mapping, ...features, ...of('b4.torgb', rgb), ...of('b8.torgb', rgb)].sort());
    expect(paths('orig').sort()).toEqual([...mapping, ...features, ...of('b8.torgb', rgb)].sort());
    expect(paths('resnet').sort()).toEqual([...mapping, ...features, ...of('b8.torgb', rgb), 'synthesis.b8.skip.weight'].sort());
  });

  it('calls the tracked mean and the noise images buffers', () => {
    const { model, params } = setUp();
    const buffers = [...flattenParams(params).keys()].filter((path) => model.isBuffer(path));
    expect(buffers.filter((path) => path.endsWith('.noiseConst'))).toHaveLength(5);
    expect(buffers.filter((path) => !path.endsWith('.noiseConst'))).toEqual(['mapping.wAvg']);
  });

  it('draws the same parameters from the same seed', () => {
    const [a, b] = [setUp().params, setUp().params];
    const other = flattenParams(b);
    for (const [path, leaf] of flattenParams(a)) expect(values(leaf)).toEqual(values(other.get(path)!));
  });

  it.each([...architectures.map((architecture) => ({ architecture })), { cDim: 3 }, { activation: 'swish' as const }])(
    'sends a gradient to every trainable parameter with %j',
    (config) => {
      const { model, params } = setUp(config);
      const z = createRng(2).normalTensor<ReturnType<typeof tensor2d>>([2, 6]);
      const c = { ...(model.cDim > 0 && { c: tensor2d([[1, 0, 0], [0, 0, 1]]) }) };
      const loss = (): Scalar => sum(square(model.synthesize(params, model.map(params, z, c), noHeatmaps))) as Scalar;
      const { grads } = valueAndGrad(loss, params, (path) => !model.isBuffer(path));
      for (const [path, g] of grads) {
        // One number per layer may be 0 by chance; a whole tensor of zeros is a broken path.
        expect(values(g).some((v) => v !== 0 && Number.isFinite(v)), path).toBe(true);
        expect(values(g).every(Number.isFinite), path).toBe(true);
      }
    },
  );

  it('can be differentiated twice, as the path length penalty needs', () => {
    // A smooth activation: the slopes of lrelu jump, which a finite difference would measure.
    const { model, params, ws } = setUp({ activation: 'swish' });
    const path = 'synthesis.b8.conv1.affine.bias';
    const penaltyOf = (p: GeneratorParams): Scalar =>
      sum(square(vjp(() => model.synthesize(p, ws, noHeatmaps), [ws]).grads[0]!)) as Scalar;
    const at = (delta: number): number =>
      tidy(() => penaltyOf(withLeaves(params, new Map([[path, add(params.synthesis.b8!.conv1.affine.bias!, delta)]]))).dataSync()[0]!);
    const { grads } = valueAndGrad(() => penaltyOf(params), params, (name) => name === path);
    const analytic = sum(grads.get(path)!).dataSync()[0]!;
    const numeric = (at(1e-2) - at(-1e-2)) / 2e-2;
    expect(Math.abs(analytic - numeric)).toBeLessThan(2e-3 * Math.abs(numeric));
  });

  it('leaves nothing but its results', () => {
    const before = memory().numTensors;
    const { model, params, ws } = setUp({}, 1);
    const buffers = model.updateBuffers!(params, ws);
    const images = model.synthesize(params, ws, { ...noHeatmaps, rng: createRng(1) });
    expect([...buffers.keys()]).toEqual(['mapping.wAvg']);
    for (const t of [...buffers.values(), images, ws]) t.dispose();
    disposeParams(params);
    expect(memory().numTensors).toBe(before + 1); // z of setUp
  });

  it('bounds what its layers say by convClamp', () => {
    const { model, params, ws } = setUp({ convClamp: 0.01, architecture: 'orig' });
    const images = values(model.synthesize(params, ws, noHeatmaps));
    expect(Math.max(...images.map(Math.abs))).toBeLessThanOrEqual(0.01 + 1e-7);
  });

  it('refuses configurations that cannot be', () => {
    expect(() => styleGan2Generator({ imgResolution: 48 })).toThrow(/power of two ≥ 4, got 48/);
    expect(() => styleGan2Generator({ imgResolution: 64, channelBase: 32 })).toThrow(/leaves no channel at 64×64/);
    expect(() => styleGan2Generator({ imgResolution: 64, zDim: 0 })).toThrow(/zDim must be above 0/);
  });

  it('refuses ws of another length', () => {
    const { model, params } = setUp();
    const ws = createRng(1).normalTensor<Tensor3D>([2, 5, 5]);
    expect(() => model.synthesize(params, ws, noHeatmaps)).toThrow(/synthesize: ws: expected \[N,6,5\], got \[2,5,5\]/);
  });
});

describe('truncation of a generator', () => {
  it('maps every code to the tracked mean at ψ 0', () => {
    const { model, params, ws } = setUp();
    const tracked = withLeaves(params, model.updateBuffers!(params, ws));
    const z = createRng(3).normalTensor<ReturnType<typeof tensor2d>>([1, 6]);
    const mean = values(tracked.mapping.wAvg!);
    expect(mean.some((v) => v !== 0)).toBe(true);
    expect(values(model.map(tracked, z, { truncationPsi: 0 }))).toEqual(Array.from({ length: 6 }, () => mean).flat());
  });
});

describe('noise', () => {
  it("is nothing in mode 'none', as with strength 0", () => {
    const { model, params, ws } = setUp();
    const none = values(model.synthesize(withNoise(params), ws, { ...noHeatmaps, noiseMode: 'none' }));
    expect(values(model.synthesize(params, ws, { ...noHeatmaps, noiseMode: 'const' }))).toEqual(none);
    expect(values(model.synthesize(withNoise(params), ws, { ...noHeatmaps, noiseMode: 'const' }))).not.toEqual(none);
  });

  it("is the same image every time in mode 'const', the rng's in mode 'random'", () => {
    const { model, params, ws } = setUp();
    const noisy = withNoise(params);
    const run = (context: object): number[] => values(model.synthesize(noisy, ws, { ...noHeatmaps, ...context }));
    expect(run({})).toEqual(run({ noiseMode: 'const' }));
    expect(run({ rng: createRng(5) })).toEqual(run({ noiseMode: 'random', rng: createRng(5) }));
    expect(run({ rng: createRng(5) })).not.toEqual(run({ rng: createRng(6) }));
    expect(() => run({ noiseMode: 'random' })).toThrow(/needs an rng/);
  });

  it('has no parameters with useNoise false', () => {
    const { model, params, ws } = setUp({ useNoise: false });
    expect([...flattenParams(params).keys()].some((path) => path.includes('noise'))).toBe(false);
    expect(model.synthesize(params, ws, { ...noHeatmaps, rng: createRng(1) }).shape).toEqual([2, 16, 16, 3]);
  });
});

describe("a generator's taps", () => {
  it("see each block's features and may change them", () => {
    const { model, params, ws } = setUp();
    const { tap, features } = collectTaps();
    const plain = tidy(() => {
      const images = model.synthesize(params, ws, { ...noHeatmaps, tap });
      expect(Object.entries(features).map(([name, f]) => [name, f.shape])).toEqual([
        ['b4', [2, 4, 4, 8]], ['b8', [2, 8, 8, 8]], ['b16', [2, 16, 16, 4]],
      ]);
      expect(values(features['b8']!).length).toBe(2 * 8 * 8 * 8);
      return values(images);
    });
    const shifted = tidy(() => values(model.synthesize(params, ws, { ...noHeatmaps, tap: (name, f) => (name === 'b8' ? add(f, 1) : f) })));
    expect(shifted).not.toEqual(plain);
  });

  it('see the image after each block, the last of which is the result', () => {
    const { model, params, ws } = setUp();
    const { tap, features } = collectTaps();
    const before = memory().numTensors;
    tidy(() => {
      const images = model.synthesize(params, ws, { ...noHeatmaps, imageTap: tap });
      expect(Object.entries(features).map(([name, f]) => [name, f.shape])).toEqual([
        ['b4', [2, 4, 4, 3]], ['b8', [2, 8, 8, 3]], ['b16', [2, 16, 16, 3]],
      ]);
      expect(values(features['b16']!)).toEqual(values(images));
    });
    expect(memory().numTensors).toBe(before);
  });
});
