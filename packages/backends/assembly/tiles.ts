// What Winograd's forms share: the addresses of the tiles of a block, the room between matrices, and their product.
import { tile6x8 } from './conv';

/** Between two matrices, so that the entries of a tile or a filter in all of them do not share the sets of a cache. */
export const GAP: usize = 64;

/** Bytes of a table of the addresses of 24 tiles. */
export const TABLE: usize = 128;

/**
 * Addresses of the corners of `groups` · 6 tiles from number `from` on to `table`; beyond the last one it is repeated. Tiles run
 * along rows of tilesX, rows along images of perImage.
 */
export function tileTable(
  table: usize, from: i32, groups: i32, tiles: i32, perImage: i32, tilesX: i32, source: usize, imageBytes: usize, rowBytes: usize, tileBytes: usize,
): void {
  let n = from / perImage, y = (from % perImage) / tilesX, x = (from % perImage) % tilesX;
  for (let k = 0; k < 6 * groups; k++) {
    store<usize>(table, source + <usize>n * imageBytes + <usize>y * rowBytes + <usize>x * tileBytes);
    table += 4;
    if (from + k + 1 >= tiles) continue;
    if (++x < tilesX) continue;
    x = 0;
    if (++y * tilesX < perImage) continue;
    y = 0;
    n++;
  }
}

/** `groups` groups of six tiles, interleaved [K][6], by one matrix u [mRow/32][K][8]: m, a row of mRow bytes a tile. */
// @ts-ignore: decorator
@inline
export function product(v: usize, u: usize, K: i32, m: usize, mRow: usize, groups: i32): void {
  for (let panel: usize = 0; panel < mRow; panel += 32) {
    let from = v, o = m + panel;
    for (let g = 0; g < groups; g++) {
      tile6x8(from, u, K, o, o + mRow, o + 2 * mRow, o + 3 * mRow, o + 4 * mRow, o + 5 * mRow);
      from += <usize>K * 24;
      o += 6 * mRow;
    }
    u += <usize>K << 5;
  }
}
