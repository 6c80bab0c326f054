import { SpatialGANError } from '@spatialgan/core';

/**
 * Where the samples of an image lie in [0, 1]: `center` at (i + ½)/n (the middle of each pixel), `integer` at i/n,
 * `corner` at i/(n - 1), so that the outer samples lie on the image's border (reference code).
 */
export type GridConvention = 'center' | 'integer' | 'corner';

/** Sample positions of an image in normalized coordinates. */
export interface PixelGrid {
  readonly height: number;
  readonly width: number;
  /** x of each column. */
  readonly xs: Float64Array;
  /** y of each row. */
  readonly ys: Float64Array;
}

function positions(count: number, convention: GridConvention): Float64Array {
  switch (convention) {
    case 'center':
      return Float64Array.from({ length: count }, (_, i) => (i + 0.5) / count);
    case 'integer':
      return Float64Array.from({ length: count }, (_, i) => i / count);
    case 'corner':
      return Float64Array.from({ length: count }, (_, i) => (count === 1 ? 0.5 : i / (count - 1)));
  }
}

/**
 * The sample positions of a `height`×`width` image.
 *
 * @throws SpatialGANError 'SHAPE' when a side is not a positive integer.
 */
export function pixelGrid(height: number, width: number, convention: GridConvention = 'center'): PixelGrid {
  if (![height, width].every((side) => Number.isInteger(side) && side > 0)) {
    throw new SpatialGANError('SHAPE', `pixelGrid: expected positive integer sides, got ${height}×${width}`);
  }
  return { height, width, xs: positions(width, convention), ys: positions(height, convention) };
}
