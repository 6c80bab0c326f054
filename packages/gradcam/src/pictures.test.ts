import '@tensorflow/tfjs-backend-cpu';
import { decode } from 'fast-png';
import { engine, mul, ready, relu, reverse, setBackend, sub, sum, tensor4d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng, type TappedScore } from '@spatialgan/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { combineMaps, deletionInsertion, drawOn, eigenSmooth, extractAttention, gradCam, hiResCam, overlay, smoothAttention } from './index.js';
import { encodePng } from './png.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

/** Looks at the left upper quarter only. */
const quarter: TappedScore = (images, tap) => {
  const [, H, W] = images.shape;
  const mask = tensor4d(Array.from({ length: H * W }, (_, i) => (i % W < W / 2 && i < (H * W) / 2 ? 1 : 0)), [1, H, W, 1]);
  return sum(mul(tap('seen', relu(images)), mask), [1, 2, 3]);
};
const images = (): Tensor4D => createRng(2).uniformTensor<Tensor4D>([2, 8, 8, 3]);
const looking = hiResCam({ targets: ['seen'] });

describe('overlay', () => {
  it('shows the image where attention is 0 and the colour where it is 1', async () => {
    const white = tensor4d(new Array<number>(12).fill(1), [1, 2, 2, 3]);
    const map = tensor4d([0, 1, 2, 4], [1, 2, 2, 1]);
    const [picture] = await overlay(white, map, { opacity: 1 });
    expect(picture).toMatchObject({ width: 2, height: 2 });
    expect([...picture!.data.slice(0, 4)]).toEqual([255, 255, 255, 255]);
    // The last colour of inferno.
    expect([...picture!.data.slice(12)]).toEqual([252, 255, 164, 255]);
    const [alone] = await overlay(null, map, { colorMap: 'viridis' });
    expect([...alone!.data.slice(0, 3)]).toEqual([68, 1, 84]);
    expect([...alone!.data.slice(12, 15)]).toEqual([253, 231, 37]);
    const [flat] = await overlay(white, map, { opacity: 0.5, fade: false });
    expect(flat!.data[0]).toBeLessThan(130);
  });

  it.each(['inferno', 'viridis', 'magma', 'plasma', 'cividis', 'turbo'] as const)('%s has 256 colours that differ', async (colorMap) => {
    const ramp = tensor4d(Array.from({ length: 256 }, (_, i) => i), [1, 16, 16, 1]);
    const { data } = (await overlay(null, ramp, { colorMap }))[0]!;
    const colors = Array.from({ length: 256 }, (_, i) => data.slice(i * 4, i * 4 + 3).join());
    expect(new Set(colors).size).toBeGreaterThan(200);
  });

  it('enlarges the map to the image, takes grey images, leaves no tensor', async () => {
    const [grey, map] = [createRng(1).uniformTensor<Tensor4D>([3, 12, 10, 1]), createRng(2).uniformTensor<Tensor4D>([3, 3, 3, 1])];
    const before = engine().state.numTensors;
    const pictures = await overlay(grey, map);
    expect(pictures.map(({ width, height, data }) => [width, height, data.length])).toEqual(Array(3).fill([10, 12, 480]));
    expect(engine().state.numTensors).toBe(before);
  });

  it('is a PNG that another reader decodes to the same pixels', async () => {
    const [picture] = await overlay(images(), createRng(2).uniformTensor<Tensor4D>([2, 4, 4, 1]));
    const read = decode(encodePng(picture!));
    expect([read.width, read.height, read.channels]).toEqual([8, 8, 4]);
    expect([...read.data]).toEqual([...picture!.data]);
  });

  it('says what does not fit', async () => {
    const map = createRng(2).uniformTensor<Tensor4D>([1, 4, 4, 1]);
    await expect(overlay(images(), map)).rejects.toThrow(/expected images \[1,H,W,3 or 1\]/);
    await expect(overlay(null, map, { colorMap: 'jet' as 'turbo' })).rejects.toThrow(/inferno, viridis.*got 'jet'/);
    expect(() => drawOn({ getContext: () => null } as unknown as HTMLCanvasElement, { width: 1, height: 1, data: new Uint8ClampedArray(4) })).toThrow(/2d context/);
  });
});

describe('smoothing', () => {
  it('looks at mirrored images and turns their maps back', () => {
    // The score does not care for sides, so each mirrored map turned back equals the plain one.
    const even: TappedScore = (x, tap) => sum(tap('seen', relu(x)), [1, 2, 3]);
    const x = images();
    const smooth = smoothAttention({ extractor: looking, score: even, images: x }, { factors: [1] })['seen']!;
    const plain = smoothAttention({ extractor: looking, score: even, images: x }, { factors: [1], flip: false })['seen']!;
    expect(Math.max(...tidy(() => sub(smooth, plain).dataSync()).map(Math.abs))).toBeLessThan(1e-6);
    // One that looks left only sees both sides once mirrored maps come back.
    const sided = smoothAttention({ extractor: looking, score: quarter, images: x }, { factors: [1] })['seen']!;
    const right = tidy(() => reverse(sided, 2).dataSync().slice(0, 4));
    expect(Math.max(...right)).toBeGreaterThan(0.1);
  });

  it('leaves no tensor but the maps', () => {
    const x = images();
    const before = engine().state.numTensors;
    smoothAttention({ extractor: gradCam({ targets: ['seen'] }), score: quarter, images: x })['seen']!.dispose();
    extractAttention(eigenSmooth(gradCam({ targets: ['seen'] })), quarter, x)['seen']!.dispose();
    expect(engine().state.numTensors).toBe(before);
    expect(() => smoothAttention({ extractor: looking, score: quarter, images: x }, { factors: [] })).toThrow(/at least one factor/);
  });

  it('eigenSmooth of one channel is the map itself, centered', () => {
    const x = createRng(4).uniformTensor<Tensor4D>([1, 4, 4, 1]);
    const one: TappedScore = (y, tap) => sum(tap('seen', y), [1, 2, 3]);
    const map = extractAttention(eigenSmooth(hiResCam({ targets: ['seen'] })), one, x)['seen']!.dataSync();
    const values = [...x.dataSync()];
    const center = values.reduce((a, b) => a + b) / 16;
    values.forEach((v, i) => expect(map[i]).toBeCloseTo(Math.max(0, v - center), 5));
  });
});

describe('combineMaps', () => {
  it('averages layers of different size on the image\'s, in [0, 1]', () => {
    const maps = { a: createRng(1).uniformTensor<Tensor4D>([2, 2, 2, 1]), b: createRng(2).uniformTensor<Tensor4D>([2, 4, 4, 1]) };
    const combined = combineMaps(maps, [8, 8]);
    expect(combined.shape).toEqual([2, 8, 8, 1]);
    const values = combined.dataSync();
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
    expect(() => combineMaps({}, [8, 8])).toThrow(/at least one map/);
  });
});

describe('deletionInsertion', () => {
  it('tells a right map from a wrong one', async () => {
    const x = images();
    const right = extractAttention(looking, quarter, x)['seen']!;
    const wrong = tidy(() => mul(right, -1)) as Tensor4D;
    const before = engine().state.numTensors;
    const [good, bad] = await Promise.all([right, wrong].map((map) => deletionInsertion({ score: quarter, images: x, map, steps: 8 })));
    expect(engine().state.numTensors).toBe(before);
    good!.forEach(({ deletion, insertion }, n) => {
      expect(deletion.area).toBeLessThan(bad![n]!.deletion.area * 0.5);
      expect(insertion.area).toBeGreaterThan(bad![n]!.insertion.area);
      expect(deletion.scores).toHaveLength(9);
      expect(deletion.scores[8]).toBe(0);
      expect(insertion.scores[8]).toBeCloseTo(deletion.scores[0]!, 4);
    });
  });

  it('says what does not fit', async () => {
    const x = images();
    const map = createRng(1).uniformTensor<Tensor4D>([1, 4, 4, 1]);
    await expect(deletionInsertion({ score: quarter, images: x, map })).rejects.toThrow(/map/);
    const fitting = createRng(1).uniformTensor<Tensor4D>([2, 4, 4, 1]);
    await expect(deletionInsertion({ score: quarter, images: x, map: fitting, steps: 0 })).rejects.toThrow(/at least 1 step/);
    await expect(deletionInsertion({ score: quarter, images: x, map: fitting, scoreOf: (s) => sum(s) })).rejects.toThrow(/one row per sample/);
  });
});
