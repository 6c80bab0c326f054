import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { flattenParams, type ParamTree, type Rng } from '@spatialgan/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { styleGan2Discriminator } from './discriminator.js';
import { styleGan2Generator } from './generator.js';
import { auto, cifar, paper1024, paper256, paper512, type Preset, stylegan2, tiny32, tiny64 } from './presets.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

/** Draws nothing: counts need shapes only. */
const silent: Rng = {
  uniform: () => 0, normal: () => 0, integer: () => 0, split: () => silent,
  normalTensor: <T extends Tensor>(shape: readonly number[]) => zeros([...shape]) as T,
  uniformTensor: <T extends Tensor>(shape: readonly number[]) => zeros([...shape]) as T,
};

const sizeOf = (tree: ParamTree, counts: (path: string) => boolean = () => true): number =>
  [...flattenParams(tree)].reduce((n, [path, leaf]) => n + (counts(path) ? leaf.size : 0), 0);

function countsOf({ generator, discriminator }: Pick<Preset, 'generator' | 'discriminator'>): readonly [G: number, D: number] {
  let counts: readonly [number, number] = [0, 0];
  tidy(() => {
    const G = styleGan2Generator(generator);
    counts = [sizeOf(G.init(silent), (path) => !G.isBuffer(path)), sizeOf(styleGan2Discriminator(discriminator).init(silent))];
  });
  return counts;
}

describe('presets', () => {
  it("have the published numbers of trainable parameters (StyleGAN2's config F at 1024)", () => {
    expect(countsOf(stylegan2())).toEqual([30_370_060, 29_012_513]);
    expect(countsOf(paper1024())).toEqual([30_370_060, 29_012_513]);
  });

  it('have the numbers that their formula gives at 256', () => {
    const channels = (r: number): number => Math.min(16384 / r, 512);
    const dense = (from: number, to: number): number => from * to + to;
    const styled = (from: number, to: number, kernel: number): number => kernel ** 2 * from * to + to + dense(512, from);
    const upper = [8, 16, 32, 64, 128, 256];
    const G = 8 * dense(512, 512) + 16 * 512 + (styled(512, 512, 3) + 1) + styled(512, 3, 1) + upper.reduce((n, r) => {
      const [I, O] = [channels(r / 2), channels(r)];
      return n + styled(I, O, 3) + styled(O, O, 3) + 2 + styled(O, 3, 1);
    }, 0);
    const conv = (from: number, to: number, kernel: number): number => kernel ** 2 * from * to + to;
    const D = conv(3, channels(256), 1) + conv(513, 512, 3) + dense(512 * 16, 512) + dense(512, 1) + upper.reduce((n, r) => {
      const [I, O] = [channels(r), channels(r / 2)];
      return n + conv(I, I, 3) + conv(I, O, 3) + I * O;
    }, 0);
    expect(countsOf(paper256())).toEqual([G, D]);
  });

  it('are those of their source', () => {
    const facts = ({ generator: g, discriminator: d, training: t }: Preset): readonly (number | null | undefined)[] =>
      [g.imgResolution, g.channelBase, g.mapping!.numLayers, d.mbstdGroupSize, t.batch, t.learningRate, t.r1Gamma, t.emaKimg, t.emaRampup];
    expect(facts(paper256())).toEqual([256, 16384, 8, 8, 64, 0.0025, 1, 20, null]);
    expect(facts(paper512())).toEqual([512, 32768, 8, 8, 64, 0.0025, 0.5, 20, null]);
    expect(facts(paper1024())).toEqual([1024, 32768, 8, 4, 32, 0.002, 2, 10, null]);
    expect(facts(stylegan2(256))).toEqual([256, 32768, 8, 4, 32, 0.002, 10, 10, null]);
    expect(facts(cifar())).toEqual([32, 32768, 2, 32, 64, 0.0025, 0.01, 500, 0.05]);
    expect(facts(auto(128, 16))).toEqual([128, 16384, 2, 4, 16, 0.0025, 0.0002 * 128 ** 2 / 16, 5, 0.05]);
    expect(facts(auto(1024, 32, 2))).toEqual([1024, 32768, 2, 2, 32, 0.002, 0.0002 * 1024 ** 2 / 32, 10, 0.05]);
  });

  it('can all be built', () => {
    for (const preset of [paper256(), paper512(), paper1024(), stylegan2(), cifar(), auto(64, 8), tiny32(), tiny64()]) {
      expect(styleGan2Generator(preset.generator).imgResolution).toBe(preset.generator.imgResolution);
      expect(styleGan2Discriminator(preset.discriminator).imgResolution).toBe(preset.generator.imgResolution);
    }
  });

  it('are small when they say so', () => {
    const [G, D] = countsOf(tiny32());
    expect(G).toBeLessThan(400_000);
    expect(D).toBeLessThan(500_000);
  });
});
