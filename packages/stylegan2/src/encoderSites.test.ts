import '@tensorflow/tfjs-backend-wasm';
import {
  add, expandDims, fill, memory, mul, ready, type Scalar, setBackend, square, sum, type Tensor, type Tensor1D, type Tensor2D,
  type Tensor3D, type Tensor4D, zeros,
} from '@tensorflow/tfjs-core';
import {
  collectTaps, createRng, disposeParams, type EncoderSite, flattenParams, type GeneratorModel, type HeatmapPyramid, type SpatialEncoder,
  unflattenParams, valueAndGrad,
} from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GeneratorParams, styleGan2Generator } from './generator.js';

beforeAll(async () => {
  await setBackend('wasm');
  await ready();
  registerGradients();
});

const small = { imgResolution: 16, zDim: 6, wDim: 5, channelBase: 64, channelMax: 8, mapping: { numLayers: 2 } };
const heatmapChannels = { 8: 2, 4: 1, 16: 3 };
const values = (x: Tensor): number[] => [...x.dataSync()];

/** An encoder as a stranger would write it: adds the heatmap's sum, weighed per channel. */
const shift = (gain = 1, only: (site: EncoderSite) => boolean = () => true): SpatialEncoder<{ readonly gain: Tensor1D }> => ({
  name: 'shift',
  appliesTo: only,
  init: (_rng, site) => ({ gain: fill([site.channels], gain) as Tensor1D }),
  encodeFeatures: ({ gain: g }, features, heatmap, site) => {
    const strength = sum(sum(heatmap, [1, 2], true), 3, true);
    return add(features, mul(mul(strength, g), site.resolution / 100)) as Tensor4D;
  },
});

const pyramidOf = (N: number, channels: Readonly<Record<number, number>> = heatmapChannels): HeatmapPyramid =>
  new Map(Object.entries(channels).map(([r, K]) => [Number(r), createRng(K).uniformTensor<Tensor4D>([N, Number(r), Number(r), K])]));

interface Case {
  readonly model: GeneratorModel<GeneratorParams>;
  readonly params: GeneratorParams;
  readonly ws: Tensor3D;
}
function setUp(encoder?: SpatialEncoder<any, any>, N = 2): Case {
  const model = styleGan2Generator({ ...small, ...(encoder && { encoder, heatmapChannels }) });
  const params = model.init(createRng(7));
  return { model, params, ws: createRng(5).normalTensor([N, model.numWs, model.wDim]) };
}
const plainImages = (): number[] => {
  const { model, params, ws } = setUp();
  return values(model.synthesize(params, ws, { heatmaps: new Map() }));
};

describe('an encoder of features', () => {
  it('is asked at every layer and told where it is', () => {
    const sites: EncoderSite[] = [];
    setUp(shift(1, (site) => (sites.push(site), true)));
    expect(sites.map(({ path, channels, heatmapChannels: K }) => [path, channels, K])).toEqual([
      ['b4.conv1', 8, 1], ['b4.torgb', 8, 1], ['b8.conv0', 8, 2], ['b8.conv1', 8, 2], ['b8.torgb', 8, 2],
      ['b16.conv0', 8, 3], ['b16.conv1', 4, 3], ['b16.torgb', 4, 3],
    ]);
  });

  it('sees the input of each layer, before it is up-sampled', () => {
    const seen: Record<string, number[]> = {};
    const encoder: SpatialEncoder = {
      ...shift(), init: () => ({}), encodeFeatures: (_p, x, heatmap, site) => ((seen[site.path] = [...x.shape, heatmap.shape[1]!]), x),
    };
    const { model, params, ws } = setUp(encoder);
    model.synthesize(params, ws, { heatmaps: pyramidOf(2) });
    expect(seen['b8.conv0']).toEqual([2, 4, 4, 8, 8]);
    expect(seen['b16.conv0']).toEqual([2, 8, 8, 8, 16]);
    expect(seen['b16.torgb']).toEqual([2, 16, 16, 4, 16]);
  });

  it('changes nothing when it does nothing, something when it does', () => {
    const images = (gain: number): number[] => {
      const { model, params, ws } = setUp(shift(gain));
      return values(model.synthesize(params, ws, { heatmaps: pyramidOf(2) }));
    };
    expect(images(0)).toEqual(plainImages());
    expect(images(1)).not.toEqual(plainImages());
  });

  it('has its parameters beside the layer they belong to, trained like any other', () => {
    const { model, params, ws } = setUp(shift(0.1));
    const loss = (): Scalar => sum(square(model.synthesize(params, ws, { heatmaps: pyramidOf(2) }))) as Scalar;
    const { grads } = valueAndGrad(loss, params, (path) => path.includes('.sel.'));
    expect([...grads.keys()]).toContain('synthesis.b16.conv1.sel.gain');
    expect(grads.size).toBe(8);
    for (const [path, g] of grads) expect(values(g).some((v) => v !== 0), path).toBe(true);
  });

  it('changes at ToRGB what the image reads, not the features that go on', () => {
    const featuresOf = (encoder?: SpatialEncoder<any>): { readonly maps: number[][]; readonly images: number[] } => {
      const { model, params, ws } = setUp(encoder);
      const { tap, features } = collectTaps();
      const images = values(model.synthesize(params, ws, { heatmaps: pyramidOf(2), tap }));
      return { maps: Object.values(features).map(values), images };
    };
    const [plain, encoded] = [featuresOf(), featuresOf(shift(1, (site) => site.layer === 'torgb'))];
    expect(encoded.maps).toEqual(plain.maps);
    expect(encoded.images).not.toEqual(plain.images);
  });
});

describe("an encoder's preparation", () => {
  it('runs once per synthesis, with what its sites share', () => {
    let runs = 0;
    const encoder: SpatialEncoder<any, { readonly scale: Tensor1D }> = {
      ...shift(),
      initShared: (_rng, setting) => ({ scale: fill([setting.heatmapChannels.size], 2) as Tensor1D }),
      prepare(shared, heatmaps, setting) {
        runs++;
        expect([...setting.heatmapChannels.keys()]).toEqual([4, 8, 16]);
        return new Map([...heatmaps].map(([r, map]) => [r, mul(map, sum(shared.scale)) as Tensor4D]));
      },
    };
    const { model, params, ws } = setUp(encoder);
    expect(flattenParams(params).get('synthesis.encoder.scale')!.shape).toEqual([3]);
    const prepared = values(model.synthesize(params, ws, { heatmaps: pyramidOf(2) }));
    expect(runs).toBe(1);
    const sixfold = new Map([...pyramidOf(2)].map(([r, map]) => [r, mul(map, 6) as Tensor4D]));
    const bare = setUp(shift());
    const expected = values(bare.model.synthesize(bare.params, bare.ws, { heatmaps: sixfold }));
    prepared.forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 4));
  });

  it('may feed resolutions that have no heatmap of their own', () => {
    const spread: SpatialEncoder<any> = { ...shift(), prepare: (_s, heatmaps) => new Map([4, 8, 16].map((r) => [r, heatmaps.get(4)!])) };
    const model = styleGan2Generator({ ...small, encoder: spread, heatmapChannels: { 4: 1 } });
    expect(model.heatmapResolutions).toEqual([4]);
    const params = model.init(createRng(1));
    const ws = createRng(5).normalTensor<Tensor3D>([1, 6, 5]);
    expect(model.synthesize(params, ws, { heatmaps: pyramidOf(1, { 4: 1 }) }).shape).toEqual([1, 16, 16, 3]);
  });
});

describe('an encoder of styles', () => {
  const uniform: SpatialEncoder = {
    name: 'uniform',
    appliesTo: () => true,
    init: () => ({}),
    encodeStyles: (_p, { regions, background }, _heatmap, _site, [h, w]) => {
      const [N, I] = background.shape;
      return add(expandDims(expandDims(add(background, mul(sum(regions, 1), 0)), 1), 1), zeros([N, h, w, I])) as Tensor4D;
    },
  };
  const regionWs = (): Tensor4D => createRng(3).normalTensor([2, 3, 6, 5]);

  it('gives the plain image when its map says everywhere the same', () => {
    const { model, params, ws } = setUp(uniform);
    expect(model.regionStyles).toBe(true);
    const images = values(model.synthesize(params, ws, { heatmaps: pyramidOf(2), regionWs: regionWs() }));
    const plain = plainImages();
    const scale = Math.max(...plain.map(Math.abs));
    images.forEach((v, i) => expect(Math.abs(v - plain[i]!)).toBeLessThan(1e-5 * scale));
  });

  it("gets the regions' styles of the layer, [N,K,I], through the layer's own affine", () => {
    const shapes: Record<string, readonly number[]> = {};
    const same = new Map<string, boolean>();
    const encoder: SpatialEncoder = {
      ...uniform,
      encodeStyles(params, styles, heatmap, site, size) {
        shapes[site.path] = [...styles.regions.shape, ...size];
        same.set(site.path, values(styles.regions).every((v, i, all) => Math.abs(v - all[i % styles.background.shape[1]!]!) < 1e-6));
        return uniform.encodeStyles!(params, styles, heatmap, site, size);
      },
    };
    const { model, params, ws } = setUp(encoder, 1);
    const oneCode = expandDims(ws, 1) as Tensor4D;
    const [N, , L, wDim] = oneCode.shape;
    const threeRegions = add(oneCode, zeros([N, 3, L, wDim])) as Tensor4D;
    model.synthesize(params, ws, { heatmaps: pyramidOf(1), regionWs: threeRegions });
    expect(shapes['b8.conv0']).toEqual([1, 3, 8, 4, 4]);
    expect(shapes['b16.torgb']).toEqual([1, 3, 4, 16, 16]);
    expect([...same.values()].every(Boolean)).toBe(true);
  });

  it('insists on the codes of the regions', () => {
    const { model, params, ws } = setUp(uniform);
    expect(() => model.synthesize(params, ws, { heatmaps: pyramidOf(2) })).toThrow(/needs regionWs \[N,K,L,wDim\]/);
    const short = createRng(3).normalTensor<Tensor4D>([2, 3, 4, 5]);
    expect(() => model.synthesize(params, ws, { heatmaps: pyramidOf(2), regionWs: short })).toThrow(/regionWs: expected \[2,\*,6,5\]/);
  });

  it('works when its empty parameters were lost in a file', () => {
    const { model, params, ws } = setUp(uniform);
    const loaded = unflattenParams(flattenParams(params)) as GeneratorParams;
    expect(model.synthesize(loaded, ws, { heatmaps: pyramidOf(2), regionWs: regionWs() }).shape).toEqual([2, 16, 16, 3]);
  });
});

describe('an encoder of the latent code', () => {
  const latent: SpatialEncoder<any, { readonly bias: Tensor1D }> = {
    name: 'latent',
    appliesTo: () => false,
    init: () => ({}),
    initShared: (rng, { zDim }) => ({ bias: rng.normalTensor([zDim]) }),
    encodeLatent: ({ bias }, z, heatmaps) => add(z, mul(bias, sum(heatmaps.get(4)!))) as Tensor2D,
  };

  it('changes z before the mapping network, and nothing in the synthesis', () => {
    const { model, params, ws } = setUp(latent);
    const z = createRng(1).normalTensor<Tensor2D>([2, 6]);
    const [one, other] = [pyramidOf(2), new Map([...pyramidOf(2)].map(([r, map]) => [r, mul(map, 2) as Tensor4D]))];
    expect(values(model.map(params, z, { heatmaps: one }))).not.toEqual(values(model.map(params, z, { heatmaps: other })));
    expect(values(model.synthesize(params, ws, { heatmaps: one }))).toEqual(plainImages());
    expect(() => model.map(params, z)).toThrow(/pass context.heatmaps/);
  });
});

describe('heatmaps that do not fit', () => {
  it('are refused with what was expected', () => {
    const { model, params, ws } = setUp(shift());
    const run = (heatmaps: HeatmapPyramid) => () => model.synthesize(params, ws, { heatmaps });
    expect(run(new Map())).toThrow(/reads heatmaps at 4, 8, 16, got: none/);
    expect(run(pyramidOf(2, { 4: 1, 8: 2 }))).toThrow(/got: 4, 8/);
    expect(run(pyramidOf(2, { 4: 1, 8: 2, 16: 4 }))).toThrow(/heatmap 16: expected \[\*,\*,\*,3\]/);
    expect(run(pyramidOf(3))).toThrow(/one layout per sample/);
  });

  it('are missed where an encoder applies above the last level', () => {
    const model = styleGan2Generator({ ...small, encoder: shift(), heatmapChannels: { 4: 1, 8: 2 } });
    const params = model.init(createRng(1));
    const ws = createRng(5).normalTensor<Tensor3D>([1, 6, 5]);
    const run = (): Tensor => model.synthesize(params, ws, { heatmaps: pyramidOf(1, { 4: 1, 8: 2 }) });
    expect(run).toThrow(/needs a heatmap for b16.conv0 \(resolution 16\), got maps for: 4, 8/);
  });

  it('cannot be configured where there is no block', () => {
    const configure = (channels?: Record<number, number>) => () =>
      styleGan2Generator({ ...small, encoder: shift(), ...(channels && { heatmapChannels: channels }) });
    expect(configure()).toThrow(/encoder 'shift' needs heatmapChannels/);
    expect(configure({ 32: 1 })).toThrow(/got 32: 1/);
    expect(configure({ 4: 0 })).toThrow(/got 4: 0/);
  });
});

describe('a generator with an encoder', () => {
  it('leaves nothing but its images', () => {
    const before = memory().numTensors;
    const { model, params, ws } = setUp(shift());
    const heatmaps = pyramidOf(2);
    model.synthesize(params, ws, { heatmaps }).dispose();
    for (const t of [ws, ...heatmaps.values()]) t.dispose();
    disposeParams(params);
    expect(memory().numTensors).toBe(before);
  });
});
