import { deflateSync, strFromU8, strToU8, unzipSync } from 'fflate';
import { decode } from 'fast-png';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { isSpatialGANError, type GaussianRegion, type HeatmapLayout, type RgbaImage, type SynthesisRequest } from '@spatialgan/schema';
import {
  blendLatents, blendLayouts, decodeFragment, documentFromText, documentToText, easings, encodeFragment, encodeGif, encodePng, encodeSequence, enlarge,
  readPngDocument, renderFrames, tween, webmCodec,
} from './index.js';
import { encodeWebm } from './webm/index.js';

const region = (id: string, x: number, change: Partial<GaussianRegion> = {}): GaussianRegion =>
  ({ id, kind: 'gaussian', center: { x, y: 0.5 }, covariance: [0.04, 0, 0.04], weight: 1, ...change });
const layoutOf = (...regions: GaussianRegion[]): HeatmapLayout => ({ version: 1, levels: [{ resolutions: [4], regions }] });
const requestOf = (x: number): SynthesisRequest => ({ layout: layoutOf(region('a', x)), latent: { kind: 'seed', seed: 3 }, truncationPsi: 0.7 });
const flat = (width: number, height: number, ...rgb: number[]): RgbaImage => {
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) pixels.set(rgb, 4 * i);
  return { pixels, width, height };
};
const centersOf = (requests: readonly SynthesisRequest[]): number[] => requests.map(({ layout }) => layout.levels[0]!.regions[0]!.center.x);

describe('tween', () => {
  it('eases from keyframe to keyframe: worked by hand', () => {
    // (1 - cos πt)/2 at t = ⅓, ⅔ is ¼, ¾.
    const there = centersOf(tween([requestOf(0), requestOf(1)], { framesPerStep: 3 }));
    [0, 0.25, 0.75, 1].forEach((x, i) => expect(there[i]).toBeCloseTo(x, 12));
    expect(centersOf(tween([requestOf(0), requestOf(1), requestOf(0.5)], { framesPerStep: 2, easing: easings.linear }))).toEqual([0, 0.5, 1, 0.75, 0.5]);
    expect(centersOf(tween([requestOf(0), requestOf(1)], { framesPerStep: 2, easing: easings.linear, loop: 'back' }))).toEqual([0, 0.5, 1, 0.5]);
  });

  it('keeps keyframes as they are, so that their images are the editor’s own', () => {
    const keyframes = [requestOf(0.1), requestOf(0.9)];
    const frames = tween(keyframes, { framesPerStep: 5 });
    expect([frames[0], frames[5]]).toEqual(keyframes);
    expect(frames[5]!.layout).toBe(keyframes[1]!.layout);
  });

  it('takes labels in proportion', () => {
    const labelled = (x: number, ...label: number[]): SynthesisRequest => ({ ...requestOf(x), label });
    expect(tween([labelled(0, 1, 0), labelled(1, 0, 1)], { framesPerStep: 4, easing: easings.linear }).map(({ label }) => label)).toEqual([[1, 0], [0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0, 1]]);
    expect(tween([requestOf(0), requestOf(1)], { framesPerStep: 2 }).some((request) => 'label' in request)).toBe(false);
  });

  it('fades out what is removed and in what is added, one in the place of the other: worked by hand', () => {
    const [before, after] = [layoutOf(region('a', 0), region('old', 0.2)), layoutOf(region('a', 1), region('new', 0.8, { weight: 0.6 }))];
    const at = (t: number) => blendLayouts(before, after, t).levels[0]!.regions.map(({ id, weight, center }) => [id, Number(weight.toFixed(12)), center.x]);
    expect(at(0.25)).toEqual([['a', 1, 0.25], ['old', 0.5, 0.2]]);
    expect(at(0.5)).toEqual([['a', 1, 0.5], ['new', 0, 0.8]]);
    expect(at(0.75)).toEqual([['a', 1, 0.75], ['new', 0.3, 0.8]]);
    const [fewer, more] = [layoutOf(region('a', 0)), layoutOf(region('a', 0), region('b', 0.5), region('c', 0.5))];
    expect(blendLayouts(fewer, more, 0.25).levels[0]!.regions.map(({ id, weight }) => [id, weight])).toEqual([['a', 1], ['b', 0.25], ['c', 0.25]]);
    expect(blendLayouts(more, fewer, 0.25).levels[0]!.regions.map(({ id, weight }) => [id, weight])).toEqual([['a', 1], ['b', 0.75], ['c', 0.75]]);
  });

  it('mixes seeds, and blends numbers', () => {
    const [one, two] = [{ kind: 'seed', seed: 1 }, { kind: 'seed', seed: 2 }] as const;
    expect(blendLatents(one, two, 0.25)).toEqual({ kind: 'mix', from: one, to: two, amount: 0.25 });
    expect([blendLatents(one, two, 0), blendLatents(one, two, 1)]).toEqual([one, two]);
    expect(blendLatents({ kind: 'z', z: Float32Array.of(0, 2) }, { kind: 'z', z: Float32Array.of(4, 2) }, 0.25)).toEqual({ kind: 'z', z: Float32Array.of(1, 2) });
  });

  it('keeps covariances positive definite', () => {
    const side = fc.double({ min: 0.01, max: 0.5, noNaN: true });
    const rho = fc.double({ min: -0.95, max: 0.95, noNaN: true });
    const covariance = fc.tuple(side, side, rho).map(([a, b, r]) => [a * a, r * a * b, b * b] as const);
    fc.assert(fc.property(covariance, covariance, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, t) => {
      const [xx, xy, yy] = (blendLayouts(layoutOf(region('a', 0, { covariance: a })), layoutOf(region('a', 1, { covariance: b })), t).levels[0]!.regions[0] as GaussianRegion).covariance;
      expect(xx > 0 && yy > 0 && xx * yy - xy * xy > 0).toBe(true);
    }));
  });

  it('refuses one keyframe, and layouts of two models', () => {
    expect(() => tween([requestOf(0)])).toThrow(/at least two keyframes/);
    expect(() => blendLayouts(layoutOf(), { version: 1, levels: [] }, 0.5)).toThrow(/layouts of one model/);
  });
});

describe('enlarge', () => {
  it('repeats pixels, or passes smoothly through them', () => {
    const two: RgbaImage = { pixels: Uint8ClampedArray.of(0, 0, 0, 255, 200, 200, 200, 255), width: 2, height: 1 };
    expect([...enlarge(two, 2, 'pixels').pixels].filter((_, i) => i % 4 === 0)).toEqual([0, 0, 200, 200, 0, 0, 200, 200]);
    const row = [...enlarge(two, 4).pixels].filter((_, i) => i % 4 === 0).slice(0, 8);
    expect(row).toEqual([...row].sort((a, b) => a - b));
    expect(row[3]! + row[4]!).toBeCloseTo(200, -1);
    expect([...enlarge(flat(3, 2, 10, 20, 30), 3).pixels]).toEqual([...flat(9, 6, 10, 20, 30).pixels]);
    expect(() => enlarge(two, 0)).toThrow(/whole factor/);
    expect(() => enlarge(two, 1e6)).toThrow(/8192/);
  });
});

describe('films', () => {
  const frames = [flat(8, 6, 250, 0, 0), flat(8, 6, 0, 250, 0), flat(8, 6, 0, 0, 250)];

  it('become GIFs that others read: frames, colours, time', async () => {
    const done: number[] = [];
    const gif = await encodeGif(frames, { fps: 30, onFrame: (n) => done.push(n) });
    const { pages, delay, loop, width } = await sharp(gif, { animated: true }).metadata();
    // Ends at 3.33, 6.67, 10 hundredths: 3, 7, 10, so lengths of 30, 40, 30 ms.
    expect([pages, delay, loop, width]).toEqual([3, [30, 40, 30], 0, 8]);
    const { data } = await sharp(gif, { page: 1 }).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([...data.subarray(0, 3)].map((v, c) => Math.abs(v - [0, 250, 0][c]!) <= 8)).toEqual([true, true, true]);
    expect(done).toEqual([1, 2, 3]);
    expect(await encodeGif(frames, { fps: 30 })).toEqual(gif);
  });

  it('become zips of PNGs, pixel for pixel, the same bytes each time', async () => {
    const zip = await encodeSequence(frames, { fps: 12, files: { 'document.json': '{}' } });
    const files = unzipSync(zip);
    expect(Object.keys(files)).toEqual(['frame-0001.png', 'frame-0002.png', 'frame-0003.png', 'film.json', 'document.json']);
    expect([...decode(files['frame-0003.png']!).data]).toEqual([...frames[2]!.pixels]);
    expect(JSON.parse(strFromU8(files['film.json']!))).toEqual({ frames: 3, fps: 12 });
    expect(await encodeSequence(frames, { fps: 12, files: { 'document.json': '{}' } })).toEqual(zip);
  });

  it('come from a runtime one by one, and stop when they are aborted', async () => {
    const controller = new AbortController();
    let made = 0;
    const synthesize = async (): Promise<RgbaImage> => {
      if (++made === 2) controller.abort();
      return flat(4, 4, 1, 2, 3);
    };
    const film = renderFrames({ synthesize }, tween([requestOf(0), requestOf(1)], { framesPerStep: 10 }), { factor: 2, signal: controller.signal });
    await expect(encodeGif(film, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(made).toBe(2);
  });

  it('need frames, of one size, and WebM a browser', async () => {
    await expect(encodeGif([])).rejects.toMatchObject({ code: 'DATA' });
    await expect(encodeSequence([])).rejects.toMatchObject({ code: 'DATA' });
    await expect(encodeSequence([frames[0]!, flat(2, 2)])).rejects.toMatchObject({ code: 'SHAPE' });
    expect(await webmCodec(64, 64)).toBeUndefined();
    await expect(encodeWebm(frames)).rejects.toMatchObject({ code: 'BACKEND_UNSUPPORTED' });
  });
});

const document = {
  request: { ...requestOf(0.25), latent: { kind: 'ws', ws: Float32Array.of(0.1, -7, 1e-30) }, noise: { seed: 4 } },
  originalLayout: layoutOf(region('a', 0.75)), model: { name: 'faces', sha256: 'ab'.repeat(32), url: 'https://example.org/faces.safetensors' },
} as const;

describe('documents', () => {
  it('come back from text, links and PNG files as they were', () => {
    expect(documentFromText(documentToText(document))).toEqual(document);
    expect(decodeFragment(encodeFragment(document))).toEqual(document);
    const png = encodePng(flat(5, 5, 9, 8, 7), document);
    expect(readPngDocument(png)).toEqual(document);
    expect([...decode(png).data]).toEqual([...flat(5, 5, 9, 8, 7).pixels]);
    expect(documentFromText(JSON.stringify(layoutOf(region('a', 0.5)))).request.layout).toEqual(layoutOf(region('a', 0.5)));
    expect(decodeFragment('#elsewhere')).toBeUndefined();
    expect(encodeFragment({ request: requestOf(0.5) }).length).toBeLessThan(400);
  });

  const change = (patch: object): string => JSON.stringify({ ...(JSON.parse(documentToText(document)) as object), ...patch });
  it.each([
    ['no JSON', '{', /expected JSON/], ['another thing', '[]', /expected an object/], ['another format', '{"format":"x"}', /expected a file of format/],
    ['a newer version', change({ version: 2 }), /expected version 1, got 2/], ['a script for a model', change({ model: { name: 'x', url: 'javascript:alert(1)' } }), /http/],
    ['a file for a model', change({ model: { name: 'x', url: 'file:///etc/passwd' } }), /http/], ['a false hash', change({ model: { name: 'x', sha256: 'no' } }), /sha256/],
    ['a broken layout', change({ layout: { version: 1, levels: [{ resolutions: [4], regions: [{ id: '' }] }] } }), /levels\[0\].regions\[0\].id/],
    ['too many regions', change({ layout: layoutOf(...Array.from({ length: 600 }, (_, i) => region(`r${i}`, 0))) }), /at most 512 regions, got 600/],
    ['a broken original', change({ originalLayout: 5 }), /layout: expected an object/], ['too much', ' '.repeat(2 << 20), /at most 1 MiB/],
  ])('with %s give one clear error', (_what, text, message) => {
    expect(() => documentFromText(text)).toThrow(message);
  });

  it('give one clear error from any damaged link or PNG, bombs included', () => {
    const fragment = encodeFragment(document);
    const png = encodePng(flat(5, 5, 9, 8, 7), document);
    const bomb = `#edit=${Buffer.from(deflateSync(strToU8(' '.repeat(20 << 20)), { level: 9 })).toString('base64url')}`;
    expect(() => decodeFragment(bomb)).toThrow(/damaged/);
    expect(() => decodeFragment(`#edit=${'A'.repeat(1 << 19)}`)).toThrow(/damaged/);
    expect(() => readPngDocument(encodePng(flat(2, 2)))).toThrow(/with its layout inside/);
    fc.assert(fc.property(fc.nat(), fc.nat(255), fc.boolean(), (where, value, cutOff) => {
      const at = where % fragment.length;
      const text = cutOff ? fragment.slice(0, at) : fragment.slice(0, at) + String.fromCharCode(value) + fragment.slice(at + 1);
      const bytes = png.slice(0, cutOff ? where % png.length : png.length);
      if (!cutOff) bytes[where % png.length] = value;
      for (const read of [() => decodeFragment(text), () => readPngDocument(bytes)]) {
        try {
          read();
        } catch (error) {
          expect(isSpatialGANError(error, 'DATA') || isSpatialGANError(error, 'LAYOUT')).toBe(true);
        }
      }
    }), { numRuns: 150 });
  });
});
