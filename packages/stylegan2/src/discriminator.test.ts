import { activateForTests } from '@spatialgan-internal/goldens';
import {
  memory, type Scalar, slice, square, sum, tensor2d, type Tensor, type Tensor4D, tidy,
} from '@tensorflow/tfjs-core';
import { collectTaps, createRng, type DiscriminatorModel, disposeParams, flattenParams, noTap, valueAndGrad, vjp } from '@spatialgan/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DiscriminatorParams, styleGan2Discriminator } from './discriminator.js';
import type { DiscriminatorConfig } from './discriminatorConfig.js';
import type { Architecture } from './generatorConfig.js';

beforeAll(async () => {
  await activateForTests('wasm');
});

const small: DiscriminatorConfig = { imgResolution: 16, channelBase: 64, channelMax: 8, mapping: { numLayers: 2 } };
const architectures: readonly Architecture[] = ['resnet', 'skip', 'orig'];
const values = (x: Tensor): number[] => [...x.dataSync()];

function setUp(config: Partial<DiscriminatorConfig> = {}, N = 4): {
  model: DiscriminatorModel<DiscriminatorParams>; params: DiscriminatorParams; images: Tensor4D;
} {
  const model = styleGan2Discriminator({ ...small, ...config });
  return { model, params: model.init(createRng(7)), images: createRng(8).normalTensor([N, model.imgResolution, model.imgResolution, 3]) };
}

describe('styleGan2Discriminator', () => {
  it.each(architectures)('gives one logit per image with architecture %s', (architecture) => {
    const { model, params, images } = setUp({ architecture });
    const logits = model.score(params, images, noTap);
    expect(logits.shape).toEqual([4, 1]);
    expect(values(logits).every(Number.isFinite)).toBe(true);
  });

  it('names its parameters as a checkpoint does', () => {
    const paths = (architecture: Architecture): string[] => [...flattenParams(setUp({ architecture }).params).keys()];
    const of = (name: string, ...leaves: string[]): string[] => leaves.map((leaf) => `${name}.${leaf}`);
    const convs = ['b16', 'b8'].flatMap((b) => [...of(`${b}.conv0`, 'weight', 'bias'), ...of(`${b}.conv1`, 'weight', 'bias')]);
    const last = ['conv', 'fc', 'out'].flatMap((layer) => of(`b4.${layer}`, 'weight', 'bias'));
    const first = of('b16.fromrgb', 'weight', 'bias');
    expect(paths('resnet').sort()).toEqual([...first, ...convs, ...last, 'b16.skip.weight', 'b8.skip.weight'].sort());
    expect(paths('orig').sort()).toEqual([...first, ...convs, ...last].sort());
    const images = ['b8', 'b4'].flatMap((b) => of(`${b}.fromrgb`, 'weight', 'bias'));
    expect(paths('skip').sort()).toEqual([...first, ...convs, ...last, ...images].sort());
  });

  it.each([...architectures.map((architecture) => ({ architecture })), { cDim: 3 }, { mbstdNumChannels: 0 }, { mbstdGroupSize: null, mbstdNumChannels: 2 }])(
    'sends a gradient to every parameter with %j',
    (config) => {
      const { model, params, images } = setUp(config);
      const context = model.cDim > 0 ? { c: tensor2d([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]) } : {};
      const { grads } = valueAndGrad(() => sum(square(model.score(params, images, noTap, context))) as Scalar, params);
      for (const [path, g] of grads) {
        expect(values(g).some((v) => v !== 0), path).toBe(true);
        expect(values(g).every(Number.isFinite), path).toBe(true);
      }
    },
  );

  it('can be differentiated twice, as R1 needs', () => {
    const { model, params, images } = setUp();
    const penalty = (): Scalar => sum(square(vjp(() => model.score(params, images, noTap), [images]).grads[0]!)) as Scalar;
    const { grads } = valueAndGrad(penalty, params);
    const reached = [...grads].filter(([, g]) => values(g).some((v) => v !== 0)).map(([path]) => path);
    // Penalizing the slope cannot move the last bias.
    expect([...grads.keys()].filter((path) => !reached.includes(path) && path.endsWith('weight'))).toEqual([]);
    expect(reached).not.toContain('b4.out.bias');
  });

  it('leaves nothing but its result', () => {
    const before = memory().numTensors;
    const { model, params, images } = setUp({ architecture: 'skip' });
    const logits = model.score(params, images, noTap);
    logits.dispose();
    images.dispose();
    disposeParams(params);
    expect(memory().numTensors).toBe(before);
  });

  it('judges images one by one without minibatch statistics, together with them', () => {
    const pairOf = (config: Partial<DiscriminatorConfig>): [number, number] => {
      const { model, params, images } = setUp(config);
      const [one, all] = [slice(images, [0, 0, 0, 0], [1, 16, 16, 3]) as Tensor4D, images];
      return [values(model.score(params, one, noTap))[0]!, values(model.score(params, all, noTap))[0]!];
    };
    const [alone, among] = pairOf({ mbstdNumChannels: 0 });
    expect(alone).toBeCloseTo(among, 5);
    const [aloneToo, amongToo] = pairOf({});
    expect(Math.abs(aloneToo - amongToo)).toBeGreaterThan(1e-3);
  });

  it('depends on its labels when conditional, and insists on them', () => {
    const { model, params, images } = setUp({ cDim: 3 }, 2);
    const score = (c: number[][]): number[] => values(model.score(params, images, noTap, { c: tensor2d(c) }));
    expect(score([[1, 0, 0], [1, 0, 0]])).not.toEqual(score([[0, 1, 0], [1, 0, 0]]));
    expect(() => model.score(params, images, noTap)).toThrow(/needs labels/);
  });

  it('refuses images of another size and configurations that cannot be', () => {
    const { model, params } = setUp();
    const images = createRng(1).normalTensor<Tensor4D>([1, 8, 8, 3]);
    expect(() => model.score(params, images, noTap)).toThrow(/score: images: expected \[N,16,16,3\], got \[1,8,8,3\]/);
    expect(() => styleGan2Discriminator({ imgResolution: 4 })).toThrow(/power of two ≥ 8/);
  });
});

describe("a discriminator's taps", () => {
  it("see the output of each block, half the size of the block's name", () => {
    const { model, params, images } = setUp({ imgResolution: 32 });
    expect(model.taps).toEqual(['b32', 'b16', 'b8']);
    const { tap, features } = collectTaps();
    tidy(() => {
      model.score(params, images, tap);
      expect(Object.entries(features).map(([name, f]) => [name, f.shape])).toEqual([
        ['b32', [4, 16, 16, 4]], ['b16', [4, 8, 8, 8]], ['b8', [4, 4, 4, 8]],
      ]);
      for (const f of Object.values(features)) expect(values(f).every(Number.isFinite)).toBe(true);
    });
  });
});
