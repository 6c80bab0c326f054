import { tensor4d } from '@tensorflow/tfjs-core';
import { cpu } from '@spatialgan/backends/cpu';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPreviewPace, pacedImages, previewLikeness } from './previewPace.js';

beforeAll(() => cpu().activate());

describe('the pace of previews', () => {
  it('takes the largest side that was ready in time, and does not count the first of a side', () => {
    const pace = createPreviewPace(10);
    const sides = [16, 32, 64];
    expect(pace.choose(sides)).toBe(64);
    pace.took(64, 500);
    expect(pace.choose(sides)).toBe(64);
    pace.took(64, 30);
    expect(pace.choose(sides)).toBe(32);
    pace.took(32, 40);
    pace.took(32, 12);
    expect(pace.choose(sides)).toBe(16);
    pace.took(16, 20);
    pace.took(16, 20);
    expect(pace.choose(sides)).toBe(16);
    pace.took(64, 9);
    expect(pace.choose(sides)).toBe(64);
  });
});

describe('the likeness of a preview', () => {
  const image = (side: number, ...values: number[]) => ({ values: Float32Array.from(values), shape: [1, side, side, 1] as [number, number, number, number] });
  it('is that of the image scaled down: worked by hand', () => {
    // The mean of the four is 0.5; 0.1 off is 4 / 0.01 = 400, 26.02 dB.
    expect(previewLikeness(image(1, 0.4), image(2, 0, 1, 0.5, 0.5))).toBeCloseTo(26.0206, 3);
    expect(previewLikeness(image(1, 0.5), image(2, 0, 1, 0.5, 0.5))).toBe(10 * Math.log10(4e10));
    expect(previewLikeness(image(1, -1), image(2, 1, 1, 1, 1))).toBe(0);
  });
});

describe('paced images', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([['alike', 0.9, [2, 1, 1, 1]], ['grey', 0, [2, 2, 2, 2]]] as const)('are whole where lower blocks have none that are alike: %s', async (_what, small, sides) => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 100));
    const images = pacedImages({
      sides: () => [1, 2], edits: () => 0, dispose: () => {},
      synthesize: (_request, side = 2) => tensor4d(new Float32Array(side ** 2).fill(side === 1 ? small : 1), [1, side, side, 1]),
    }, { ms: 10, decibels: 20 });
    const request = { latent: { kind: 'seed', seed: 1 }, layout: { version: 1, levels: [] } } as const;
    await images(request, 'final');
    await images(request, 'final');
    const found: number[] = [];
    for (let i = 0; i < 4; i++) found.push((await images(request, 'preview')).shape[1]);
    expect(found).toEqual(sides);
  });

  it('charge a final image with the time of the preview that it goes on from', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const asked: (number | undefined)[] = [];
    let edits = 0;
    const images = pacedImages({
      sides: () => [1, 2], edits: () => edits, dispose: () => {},
      synthesize(_request, side) {
        asked.push(side);
        now += 8;
        return tensor4d(new Float32Array((side ?? 2) ** 2), [1, side ?? 2, side ?? 2, 1]);
      },
    }, { ms: 10, decibels: -Infinity });
    const request = { latent: { kind: 'seed', seed: 1 }, layout: { version: 1, levels: [] } } as const;
    const ask = async (quality: 'preview' | 'final'): Promise<number> => (await images(request, quality)).shape[1];
    expect([await ask('final'), await ask('preview')]).toEqual([2, 2]);
    edits++;
    expect(await ask('final')).toBe(2); // 8 ms: in time
    edits++;
    expect(await ask('preview')).toBe(2);
    expect(await ask('final')).toBe(2); // 16 ms with the preview before it
    edits++;
    expect(await ask('preview')).toBe(1);
    expect(asked).toEqual([undefined, 2, undefined, 2, undefined, 1]);
  });
});
