import { tensor4d } from '@tensorflow/tfjs-core';
import { cpu } from '@spatialgan/backends/cpu';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPreviewPace, pacedImages } from './previewPace.js';

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

describe('paced images', () => {
  afterEach(() => vi.restoreAllMocks());

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
    }, 10);
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
