import '@tensorflow/tfjs-backend-cpu';
import {
  engine, fill, ready, setBackend, slice, type Tensor, tensor2d, tensor3d, tensor4d, type Tensor1D, type Tensor2D, type Tensor4D, tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { createRng, disposeParams, type EncoderSetting, type EncoderSite, flattenParams, type ParamTree, type SpatialEncoder } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { composeEncoders } from './composeEncoders.js';
import { selConcat } from './selConcat.js';
import { selFlatten } from './selFlatten.js';
import { selIndoor } from './selIndoor.js';
import { selNorm } from './selNorm.js';

const setting: EncoderSetting = { imgResolution: 32, zDim: 6, heatmapChannels: new Map([[4, 1], [8, 2], [16, 4]]) };
const siteAt = (resolution: number, layer: EncoderSite['layer'] = 'conv1'): EncoderSite => ({
  path: `b${resolution}.${layer}`, resolution, layer, channels: 3, heatmapChannels: setting.heatmapChannels.get(resolution) ?? 0,
});
const sites = [4, 8, 16, 32].flatMap((r) => (['conv0', 'conv1', 'torgb'] as const).map((layer) => siteAt(r, layer)));
const random = <T extends Tensor>(label: string, shape: readonly number[]): T => createRng(1).split(label).normalTensor<T>(shape);
const heatmaps = (size?: number): Map<number, Tensor4D> =>
  new Map([...setting.heatmapChannels].map(([r, K]) => [r, createRng(r).uniformTensor<Tensor4D>([2, size ?? r, size ?? r, K])]));
const shapes = (tree: ParamTree): Record<string, number[]> =>
  Object.fromEntries([...flattenParams(tree)].map(([path, leaf]) => [path, leaf.shape]));
const values = (x: Tensor): number[] => [...x.dataSync()];
const appliedAt = (encoder: SpatialEncoder<any, any>): string[] => sites.filter((s) => encoder.appliesTo(s)).map((s) => s.path);

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

describe('selNorm', () => {
  it('encodes at conv0 and conv1 of 4, 8, 16 (paper) or at every layer (reference)', () => {
    const paper = ['b4.conv0', 'b4.conv1', 'b8.conv0', 'b8.conv1', 'b16.conv0', 'b16.conv1'];
    expect(appliedAt(selNorm())).toEqual(paper);
    expect(appliedAt(selNorm({ preset: 'reference' }))).toEqual(sites.map((site) => site.path));
    expect(appliedAt(selNorm({ resolutions: [8], layers: ['torgb'] }))).toEqual(['b8.torgb']);
  });

  it('has the parameters of the reference code', () =>
    tidy(() => {
      const encoder = selNorm({ preset: 'reference' });
      expect(shapes(encoder.init(createRng(0), siteAt(8)))).toEqual({
        'shared.weight': [3, 3, 32, 64], 'shared.bias': [64], 'sigma.weight': [3, 3, 64, 1], 'sigma.bias': [1],
        'mu.weight': [3, 3, 64, 1], 'mu.bias': [1], 'output.weight': [3, 3, 3, 3], 'output.bias': [3],
      });
      expect(shapes(encoder.init(createRng(0), siteAt(32)))['shared.weight']).toEqual([3, 3, 96, 64]);
      const shared = shapes(encoder.initShared!(createRng(0), setting));
      expect(shared['level2.conv0.weight']).toEqual([3, 3, 4, 16]);
      expect(shared['level0.conv1.weight']).toEqual([3, 3, 16, 32]);
      expect(Object.keys(shared)).toHaveLength(12);
    }));

  it('projects each level once: its own for 4, 8, 16, all of them side by side above', () =>
    tidy(() => {
      const encoder = selNorm({ preset: 'reference' });
      const shared = encoder.initShared!(createRng(5), setting);
      const prepared = encoder.prepare!(shared, heatmaps(32), setting);
      expect([...prepared].map(([r, map]) => [r, ...map.shape])).toEqual([
        [4, 2, 32, 32, 32], [8, 2, 32, 32, 32], [16, 2, 32, 32, 32], [32, 2, 32, 32, 96],
      ]);
      expect(values(slice(prepared.get(32)!, [0, 0, 0, 32], [2, 32, 32, 32]))).toEqual(values(prepared.get(8)!));
      const y = encoder.encodeFeatures!(encoder.init(createRng(0), siteAt(32)), random('x', [2, 16, 16, 3]), prepared.get(32)!, siteAt(32, 'conv0'));
      expect(y.shape).toEqual([2, 16, 16, 3]);
    }));

  it('processes coarsely: at the resolution that is fed', () =>
    tidy(() => {
      const encoder = selNorm({ preset: 'reference', processing: 'coarse' });
      const prepared = encoder.prepare!(encoder.initShared!(createRng(5), setting), heatmaps(32), setting);
      expect([...prepared].map(([r, map]) => [r, map.shape[1], map.shape[3]])).toEqual([[4, 4, 32], [8, 8, 32], [16, 16, 32], [32, 16, 96]]);
    }));

  it('refuses what contradicts itself', () => {
    expect(() => selNorm({ processing: 'fine', projection: [] })).toThrow(/processing 'fine' needs a projection/);
    expect(() => selNorm({ above: 'concat' })).toThrow(/above 'concat' needs a projection/);
    const encoder = selNorm({ preset: 'reference' });
    tidy(() => {
      const shared = encoder.initShared!(createRng(5), setting);
      expect(() => encoder.prepare!(shared, new Map(), setting)).toThrow(/expected heatmaps at \[4,8,16\], got none at 4/);
      const two = { ...setting, heatmapChannels: new Map([[4, 1], [8, 2]]) };
      expect(() => encoder.prepare!(shared, heatmaps(32), two)).toThrow(/expected 3 levels, got 2; give 'levels'/);
    });
  });

  it('draws the same parameters from the same seed', () =>
    tidy(() => {
      const draw = (): number[] => values(selNorm().init(createRng(8), siteAt(16)).shared.weight);
      expect(draw()).toEqual(draw());
    }));
});

describe('selConcat', () => {
  it('convolves features and heatmap side by side, features first', () =>
    tidy(() => {
      // Only the middle tap: y_0 = (x_1 + 10 h_0) / √(3·9) + 1.
      const weight = new Float32Array(3 * 3 * 3 * 2);
      weight[4 * 6 + 1 * 2] = 1;
      weight[4 * 6 + 2 * 2] = 10;
      const conv = { weight: tensor4d(weight, [3, 3, 3, 2]), bias: fill([2], 1) as Tensor1D };
      const [x, hm] = [tensor4d([5, 7], [1, 1, 1, 2]), tensor4d([0.5], [1, 1, 1, 1])];
      const y = values(selConcat().encodeFeatures!({ conv }, x, hm, siteAt(4)));
      expect(y[0]).toBeCloseTo(12 / Math.sqrt(27) + 1, 6);
      expect(y[1]).toBe(1);
      expect(shapes(selConcat().init(createRng(0), siteAt(16)))).toEqual({ 'conv.weight': [3, 3, 7, 3], 'conv.bias': [3] });
    }));
});

describe('selFlatten', () => {
  it('mixes the latent with every heatmap value and touches no site', () =>
    tidy(() => {
      const encoder = selFlatten();
      expect(appliedAt(encoder)).toEqual([]);
      const inFeatures = 6 + 16 * 1 + 64 * 2 + 256 * 4;
      expect(shapes(encoder.initShared!(createRng(0), setting))).toEqual({ 'fc.weight': [inFeatures, 6], 'fc.bias': [6] });
      const weight = new Float32Array(inFeatures * 6).fill(0);
      for (let i = 0; i < 6; i++) weight[i * 6 + i] = Math.sqrt(inFeatures); // the latent passes
      weight[6 * 6] = Math.sqrt(inFeatures); // and the first pixel of level 0 adds to z_0
      const fc = { weight: tensor2d(weight, [inFeatures, 6]), bias: zeros([6]) as Tensor1D };
      const [z, maps] = [random<Tensor2D>('z', [2, 6]), heatmaps()];
      const encoded = values(encoder.encodeLatent!({ fc }, z, maps, setting));
      const wanted = values(z).map((value, i) => value + (i % 6 === 0 ? maps.get(4)!.arraySync()[i / 6]![0]![0]![0]! : 0));
      encoded.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5));
      expect(() => encoder.encodeLatent!({ fc }, z, new Map(), setting)).toThrow(/selFlatten: expected a heatmap at 4/);
    }));
});

describe('selIndoor', () => {
  it('paints each region in its style over the background (Eq. 4)', () =>
    tidy(() => {
      const styles = { regions: tensor3d([10, 20, 30, 40], [1, 2, 2]), background: tensor2d([1, 2], [1, 2]) };
      const heatmap = tensor4d([1, 0, 0, 0.5, 0, 0, 1, 1], [1, 2, 2, 2]);
      const map = selIndoor().encodeStyles!({}, styles, heatmap, siteAt(4), [2, 2]);
      expect(map.shape).toEqual([1, 2, 2, 2]);
      expect(values(map)).toEqual([11, 22, 16, 22, 1, 2, 41, 62]);
      expect(selIndoor().encodeStyles!({}, styles, heatmap, siteAt(8), [4, 4]).shape).toEqual([1, 4, 4, 2]);
      const three = zeros([1, 2, 2, 3]) as Tensor4D;
      expect(() => selIndoor().encodeStyles!({}, styles, three, siteAt(4), [2, 2])).toThrow(/one channel per region style/);
    }));
});

describe('composeEncoders', () => {
  it('does at each site what its parts do one after the other', () =>
    tidy(() => {
      const [norm, cat] = [selNorm({ preset: 'reference' }), selConcat()];
      const both = composeEncoders(norm, cat);
      const site = siteAt(8);
      const [params, shared] = [both.init(createRng(1), site), both.initShared!(createRng(2), setting)];
      expect(Object.keys(params)).toEqual(['selNorm', 'selConcat']);
      const maps = heatmaps(16);
      const prepared = both.prepare!(shared, maps, setting);
      expect(both.preparedChannels!(site)).toBe(34);
      const x = random<Tensor4D>('x', [2, 8, 8, 3]);
      const alone = norm.prepare!(shared['selNorm'] as never, maps, setting).get(8)!;
      const one = norm.encodeFeatures!(params['selNorm'] as never, x, alone, site);
      const two = cat.encodeFeatures!(params['selConcat'] as never, one, maps.get(8)!, site);
      expect(values(both.encodeFeatures!(params, x, prepared.get(8)!, site))).toEqual(values(two));
      // Above the levels only the reference encoder works.
      expect(Object.keys(both.init(createRng(1), siteAt(32)))).toEqual(['selNorm']);
      expect(prepared.get(32)!.shape[3]).toBe(96);
      expect(both.encodeFeatures!(both.init(createRng(1), siteAt(32)), random('y', [2, 32, 32, 3]), prepared.get(32)!, siteAt(32)).shape).toEqual([2, 32, 32, 3]);
    }));

  it('passes latents through both and styles through the one that makes them', () =>
    tidy(() => {
      const both = composeEncoders(selFlatten(), selIndoor({ resolutions: [8] }));
      expect(both.prepare).toBeUndefined();
      expect(both.appliesTo(siteAt(8)) && !both.appliesTo(siteAt(4))).toBe(true);
      const shared = both.initShared!(createRng(1), setting);
      const z = random<Tensor2D>('z', [2, 6]);
      const alone = selFlatten().encodeLatent!(shared['selFlatten'] as never, z, heatmaps(), setting);
      expect(values(both.encodeLatent!(shared, z, heatmaps(), setting))).toEqual(values(alone));
      const styles = { regions: tensor3d([1, 2, 3, 4], [1, 2, 2]), background: tensor2d([5, 6], [1, 2]) };
      const map = tensor4d([1, 0], [1, 1, 1, 2]);
      expect(values(both.encodeStyles!({}, styles, map, siteAt(8), [1, 1]))).toEqual([6, 8]);
      expect(values(both.encodeStyles!({}, styles, map, siteAt(4), [1, 2]))).toEqual([5, 6, 5, 6]);
    }));

  it('refuses two encoders of one name and two that make styles', () => {
    expect(() => composeEncoders(selNorm(), selNorm())).toThrow(/got 'selNorm' twice/);
    expect(() => composeEncoders(selIndoor(), { ...selIndoor(), name: 'other' })).toThrow(/both make styles/);
  });

  it('leaves nothing behind', () => {
    const both = composeEncoders(selNorm({ preset: 'reference' }), selConcat());
    const before = engine().state.numTensors;
    const shared = both.initShared!(createRng(2), setting);
    const maps = heatmaps(16);
    const held = engine().state.numTensors;
    tidy(() => {
      both.prepare!(shared, maps, setting);
    });
    expect(engine().state.numTensors).toBe(held);
    disposeParams(shared);
    for (const map of maps.values()) map.dispose();
    expect(engine().state.numTensors).toBe(before);
  });
});
