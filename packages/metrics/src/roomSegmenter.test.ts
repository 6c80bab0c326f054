import { describe, expect, it } from 'vitest';
import { renderRoom, type RoomObject, roomPalette, type RoomScene, sampleRoom } from '@spatialgan/data/rooms';
import type { HeatmapLayout, ModelRuntime } from '@spatialgan/schema';
import { coMoveSheet } from './coMoveSheet.js';
import { evaluateCoMove } from './evaluateCoMove.js';
import { evaluateModelCoMove } from './evaluateModelCoMove.js';
import { functionSegmenter } from './functionSegmenter.js';
import { loadSegmenter } from './loadSegmenter.js';
import { refineBorders } from './refineBorders.js';
import type { ByteImage } from '@spatialgan/data';
import { roomSegmenter } from './roomSegmenter.js';
import { roomMoves, roomSegmenterAccuracy } from './roomTruth.js';

const segmenter = roomSegmenter();
const imageOf = (scene: RoomScene, resolution: number): ByteImage =>
  ({ data: renderRoom(scene, resolution).pixels, width: resolution, height: resolution, channels: 3 });

describe('roomSegmenter', () => {
  // A seed that nothing was chosen by.
  it.each([[128, 0.98], [64, 0.97], [32, 0.95]])('finds the objects of rooms it was not made with, at %i pixels: mean IoU above %f', async (resolution, least) => {
    const { meanIoU, interval, insideIoU, objects, missed } = await roomSegmenterAccuracy(segmenter, { resolution, count: 60, seed: 4711 });
    expect(meanIoU).toBeGreaterThan(least);
    expect(interval!.low).toBeGreaterThan(0.95);
    expect(insideIoU).toBeGreaterThan(0.98);
    expect(objects).toBeGreaterThan(200);
    expect(missed).toBeLessThanOrEqual(0.01 * objects);
  }, 120_000);

  it('sees no objects in an empty room, whatever its colors', async () => {
    for (let i = 0; i < 8; i++) expect(await segmenter.segment(imageOf({ ...sampleRoom(2, i), objects: [] }, 48))).toEqual([]);
  });

  it('gives a pixel at a border to what covers most of it, in linear light', () => {
    const mixed = (share: number): number => Math.round(255 * (share * 1 + (1 - share) * 0.04) ** (1 / 2.2));
    const row = [255, 255, 255, mixed(0.4), 51, 51, 51];
    const data = Uint8Array.from({ length: 7 * 5 * 3 }, (_, i) => (i % 3 === 0 ? row[Math.floor(i / 3) % 7]! : 20));
    const labels = Uint8Array.from({ length: 35 }, (_, i) => (i % 7 < 4 ? 1 : 0));
    const refined = refineBorders({ data, width: 7, height: 5, channels: 3 }, labels, 2);
    expect([...refined.subarray(14, 21)]).toEqual([1, 1, 1, 0, 0, 0, 0]);
  });

  it('keeps the hues of two kinds apart', () => {
    const sorted = [...roomPalette].sort((a, b) => a.hue[0] - b.hue[0]);
    sorted.forEach(({ hue }, i) => expect(((sorted[(i + 1) % sorted.length]!.hue[0] - hue[1]) + 360) % 360).toBeGreaterThanOrEqual(18));
  });
});

describe('Co-move of rooms', () => {
  it('is 1 within its interval for the true renderer', async () => {
    const { result, examples } = await evaluateCoMove({ draw: roomMoves({ resolution: 32 }), segmenter, numMoves: 100, seed: 31337 });
    expect(result.counts['matched']).toBeGreaterThanOrEqual(98);
    expect(result.interval!.low).toBeLessThan(1);
    expect(result.interval!.high).toBeGreaterThan(1);
    expect(result.interval!.high - result.interval!.low).toBeLessThan(0.03);
    expect(Math.abs(result.value - 1)).toBeLessThan(0.01);
    const { width, height, data } = coMoveSheet(examples);
    expect([width, height]).toEqual([4 * (2 * 128 + 2 + 8) + 8, 4 * (128 + 8) + 8]);
    expect(data).toHaveLength(width * height * 3);
  });

  it('is 0 for a model that does not look at its regions, 1 for one whose object follows', async () => {
    const layout: HeatmapLayout = { version: 1, levels: [{ resolutions: [4], regions: [{ id: 'a', kind: 'gaussian', weight: 1, center: { x: 0.5, y: 0.5 }, covariance: [0.02, 0, 0.02] }] }] };
    const picture: RoomObject = { id: 'p', kind: 'picture', at: [0, 0.9, 3.97], turn: 0, size: [1.4, 1, 0.05], color: [330, 0.4, 0.9], accent: [330, 0.6, 0.6], variant: 0 };
    const scene = { ...sampleRoom(0, 0), camera: { at: [0, 1.4, -1] as const, yaw: 0, pitch: 0, fieldOfView: 0.9 } };
    const runtime = (follows: boolean): ModelRuntime => ({
      info: { name: 'true renderer', imgResolution: 48, heatmapResolutions: [4], maxRegions: 1, regionStyles: false },
      sampleLayout: async () => layout,
      async synthesize({ layout: asked }) {
        const { x, y } = follows ? asked.levels[0]!.regions[0]!.center : { x: 0.5, y: 0.5 };
        const side = 2 * Math.tan(0.45) * 4.95;
        const at = [(x - 0.5) * side, 0.9 - (y - 0.5) * side, 3.97] as const;
        const { pixels } = renderRoom({ ...scene, room: { ...scene.room, size: [9, 9, 4] }, objects: [{ ...picture, at }] }, 48);
        return { pixels: Uint8ClampedArray.from({ length: 48 * 48 * 4 }, (_, i) => (i % 4 === 3 ? 255 : pixels[Math.floor(i / 4) * 3 + (i % 4)]!)), width: 48, height: 48 };
      },
      dispose: async () => {},
    });
    const options = { segmenter, numMoves: 12, length: [0.1, 0.2] as const, keepExamples: 2 };
    const [blind, obeys] = [await evaluateModelCoMove({ runtime: runtime(false), ...options }), await evaluateModelCoMove({ runtime: runtime(true), ...options })];
    expect(blind.result.value).toBe(0);
    expect(obeys.result.value).toBeGreaterThan(0.9);
    expect(obeys.result.value).toBeLessThan(1.1);
    expect(obeys.sheet.width).toBe(2 * (2 * 144 + 2 + 8) + 8);
  });
});

describe('functionSegmenter', () => {
  const image: ByteImage = { data: new Uint8Array(4 * 4 * 3).fill(100), width: 4, height: 4, channels: 3 };
  const half = Float32Array.from({ length: 16 }, (_, i) => (i < 8 ? 0.9 : 0.1));

  it('takes masks as probabilities, leaves out what is unsure or small', async () => {
    const own = functionSegmenter({ name: 'mine', version: '1', predict: () => [{ mask: half, score: 0.8, label: 'bed' }, { mask: half, score: 0.3 }, { mask: new Array<boolean>(16).fill(false) }] });
    const [bed, ...others] = await own.segment(image);
    expect(others).toEqual([]);
    expect(bed).toMatchObject({ label: 'bed', area: 8, center: { x: 0.5, y: 0.25 } });
  });

  it('refuses masks of another size and appearances that differ in length', async () => {
    const own = (instances: Parameters<typeof functionSegmenter>[0]['predict']) => functionSegmenter({ name: 'mine', version: '1', predict: instances }).segment(image);
    await expect(own(() => [{ mask: [1, 0] }])).rejects.toThrow(/mask 0 of 4·4 values, got 2; resize it/);
    await expect(own(() => [{ mask: half, appearance: [1] }, { mask: half }])).rejects.toThrow(/appearances of one length, got 1, 70/);
  });

  it('is loaded by name or from a module, or one sentence says what was expected', async () => {
    expect((await loadSegmenter('rooms')).name).toBe('rooms');
    await expect(loadSegmenter('no-such-file.mjs')).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringMatching(/got 'no-such-file.mjs', which cannot be loaded/) as string });
  });
});
