import { describe, expect, it } from 'vitest';
import { foregroundSegmenter } from './foregroundSegmenter.js';
import type { ByteImage } from '@spatialgan/data';
import type { SegmentedObject } from './segmenter.js';

const side = 32;
/** Discs on a background that darkens downwards and to which `flicker` grey levels are added in a checker. */
function picture(discs: readonly (readonly [x: number, y: number, r: number])[], flicker = 0): ByteImage {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    const inside = discs.some(([cx, cy, r]) => (x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2 < r * r);
    return inside ? [230, 160, 20][i % 3]! : [180, 200, 220][i % 3]! - y + ((x + y) % 2) * flicker;
  });
  return { data, width: side, height: side, channels: 3 };
}
const segment = (image: ByteImage): readonly SegmentedObject[] => foregroundSegmenter().segment(image) as readonly SegmentedObject[];

describe('foregroundSegmenter', () => {
  it('finds the disc before a gradient, its center and area', () => {
    const [object, ...rest] = segment(picture([[12, 20, 6]], 10));
    expect(rest).toEqual([]);
    expect(object!.center.x).toBeCloseTo(12 / side, 2);
    expect(object!.center.y).toBeCloseTo(20 / side, 2);
    expect(Math.abs(object!.area / (Math.PI * 36) - 1)).toBeLessThan(0.05);
  });

  it('is not misled by an object at the border, tells two apart, leaves specks out', () => {
    expect(segment(picture([[2, 10, 7]]))).toHaveLength(1);
    expect(segment(picture([[8, 8, 5], [24, 22, 5]]))).toHaveLength(2);
    expect(segment(picture([[8, 8, 1]]))).toEqual([]);
    expect(segment(picture([]))).toEqual([]);
  });
});
