import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ResizeOptions } from './resizeImage.js';
import { resizeImage, resizeToFloat } from './resizeImage.js';

interface ResizeFixture {
  readonly filter: ResizeOptions['filter'];
  readonly from: readonly [number, number, number];
  readonly to: readonly [number, number];
  readonly input: readonly number[];
  readonly output: readonly number[];
}
const fixtures = (JSON.parse(readFileSync(new URL('../../test/fixtures/resizes.json', import.meta.url), 'utf8')) as { resizes: ResizeFixture[] }).resizes;
const gray = (values: readonly number[], width: number) => ({ data: Uint8Array.from(values), width, height: values.length / width, channels: 1 });

describe('resizeImage', () => {
  it.each(fixtures.map((fixture) => [`${fixture.filter} ${fixture.from.join('×')} → ${fixture.to.join('×')}`, fixture] as const))(
    'gives the bytes of Pillow: %s',
    (_name, { filter, from: [width, height, channels], to, input, output }) => {
      const out = resizeImage({ data: Uint8Array.from(input), width, height, channels }, { width: to[0], height: to[1], filter });
      expect([...out.data]).toEqual(output);
    },
  );

  it('averages pairs by box, and weighs by the widened triangle by bilinear', () => {
    expect([...resizeImage(gray([0, 100, 50, 200], 4), { width: 2, height: 1, filter: 'box' }).data]).toEqual([50, 125]);
    // Centers 1 and 3, reach 2: weights 0.75 0.75 0.25 (normalized by 1.75).
    const expected = Math.round((0 * 0.75 + 100 * 0.75 + 50 * 0.25) / 1.75);
    expect(resizeImage(gray([0, 100, 50, 200], 4), { width: 2, height: 1, filter: 'bilinear' }).data[0]).toBe(expected);
  });

  it('keeps constant images and equal sizes, as copies', () => {
    const flat = gray(new Array<number>(35).fill(77), 7);
    for (const filter of ['box', 'bilinear', 'bicubic', 'lanczos'] as const) {
      expect(new Set(resizeImage(flat, { width: 3, height: 11, filter }).data)).toEqual(new Set([77]));
      expect(resizeImage(flat, { width: 7, height: 5, filter }).data).not.toBe(flat.data);
    }
  });

  it('refuses sizes that do not fit', () => {
    expect(() => resizeImage({ ...gray([1, 2], 2), height: 2 }, { width: 1, height: 1, filter: 'box' })).toThrow(/expected 2·2·1 bytes/);
    expect(() => resizeImage(gray([1, 2], 2), { width: 0, height: 1, filter: 'box' })).toThrow(/positive sides/);
  });
});

describe('resizeToFloat', () => {
  it('reads TensorFlow 1\'s bilinear points: corner on corner, no antialiasing', () => {
    const image = { data: Uint8Array.from([0, 30, 60, 90]), width: 2, height: 2, channels: 1 };
    expect([...resizeToFloat(image, 4, 'tf-bilinear')]).toEqual([0, 15, 30, 30, 30, 45, 60, 60, 60, 75, 90, 90, 60, 75, 90, 90]);
    const wide = { data: Uint8Array.from({ length: 16 }, (_, i) => i), width: 4, height: 4, channels: 1 };
    expect([...resizeToFloat(wide, 2, 'tf-bilinear')]).toEqual([0, 2, 8, 10]);
  });

  it('leaves pixels alone without a filter, and says so when the size differs', () => {
    expect([...resizeToFloat(gray([1, 2, 3, 4], 2), 2, 'none')]).toEqual([1, 2, 3, 4]);
    expect(() => resizeToFloat(gray([1, 2, 3, 4], 2), 3, 'none')).toThrow(/without a filter/);
  });
});
