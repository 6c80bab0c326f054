import { expect, test } from 'vitest';
import { resizeImage } from '../resize/resizeImage.js';
import { squareImage } from './squareImage.js';

/** Grey pixels as RGB. */
const image = (width: number, values: readonly number[]) => ({ data: Uint8Array.from(values.flatMap((v) => [v, v, v])), width, height: values.length / width, channels: 3 });
const greys = (pixels: Uint8Array): number[] => [...pixels].filter((_, i) => i % 3 === 0);
const common = { resolution: 2, filter: 'box' } as const;

test("center-crop cuts the middle square where dataset_tool.py does, and averages by Pillow's box", () => {
  // (5 - 2) // 2 = 1: columns 1 and 2 stay.
  expect(greys(squareImage(image(5, [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]), { ...common, transform: 'center-crop' }))).toEqual([1, 2, 11, 12]);
  const tall = image(4, Array.from({ length: 4 * 7 }, (_, i) => i));
  // Rows 1 to 4, then pairs of rows and columns: (4 + 5 + 8 + 9) / 4 = 6.5 → 7.
  expect(greys(squareImage(tall, { ...common, transform: 'center-crop' }))).toEqual([7, 9, 15, 17]);
});

test('center-crop-wide keeps proportions, on black, and leaves out what is too small', () => {
  const wide = { resolution: 4, height: 2, filter: 'box', transform: 'center-crop-wide' } as const;
  // 4×4 → its middle 4×2 between two black rows.
  const made = squareImage(image(4, Array.from({ length: 16 }, (_, i) => 10 + i)), wide);
  expect(greys(made)).toEqual([0, 0, 0, 0, 14, 15, 16, 17, 18, 19, 20, 21, 0, 0, 0, 0]);
  // 8×6 → its middle 8×4 halved: rows 1 to 4.
  const halved = squareImage(image(8, Array.from({ length: 48 }, (_, i) => i)), wide);
  expect(greys(halved).slice(4, 12)).toEqual([13, 15, 17, 19, 29, 31, 33, 35]);
  expect(() => squareImage(image(3, [1, 2, 3, 4, 5, 6]), wide)).toThrow(/it is 3×2; center-crop-wide wants at least 4×2/);
  expect(() => squareImage(image(6, [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]), wide)).toThrow(/no wider than that shape/);
});

test('fill stretches, contain lays on white', () => {
  expect(greys(squareImage(image(4, [0, 2, 10, 12]), { ...common, transform: 'fill' }))).toEqual([1, 11, 1, 11]);
  expect(greys(squareImage(image(4, [0, 2, 10, 12]), { ...common, transform: 'contain' }))).toEqual([1, 11, 255, 255]);
});

test("lanczos is Pillow's", () => {
  const noise = { data: Uint8Array.from({ length: 11 * 9 * 3 }, (_, i) => (i * 97) % 256), width: 11, height: 9, channels: 3 };
  const cut = { ...noise, width: 9, data: Uint8Array.from({ length: 9 * 9 * 3 }, (_, i) => noise.data[(Math.floor(i / 27) * 11 + 1) * 3 + (i % 27)]!) };
  expect(squareImage(noise, { resolution: 4, filter: 'lanczos', transform: 'center-crop' })).toEqual(resizeImage(cut, { width: 4, height: 4, filter: 'lanczos' }).data);
});
