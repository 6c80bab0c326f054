// What a convolution does besides its sums, while its band of rows is in a cache: styles before, the epilogue after.
import { loadLanes, storeLanes } from './madd';
import { styleRows } from './styledActivation';

/** Multiplies `pixels` pixels of C channels by a row of factors, in place. */
export function scalePixels(p: usize, pixels: i32, C: i32, factors: usize): void {
  const step = <usize>C << 2;
  let c = 0;
  for (; c + 16 <= C; c += 16) {
    const f = factors + (<usize>c << 2);
    const f0 = v128.load(f), f1 = v128.load(f, 16), f2 = v128.load(f, 32), f3 = v128.load(f, 48);
    let q = p + (<usize>c << 2);
    for (let i = 0; i < pixels; i++) {
      v128.store(q, f32x4.mul(v128.load(q), f0)); v128.store(q, f32x4.mul(v128.load(q, 16), f1), 16);
      v128.store(q, f32x4.mul(v128.load(q, 32), f2), 32); v128.store(q, f32x4.mul(v128.load(q, 48), f3), 48);
      q += step;
    }
  }
  for (; c < C; c += 4) {
    const at = <usize>c << 2, count = C - c, f = loadLanes(factors + at, count);
    for (let i = 0, q = p + at; i < pixels; i++, q += step) storeLanes(q, f32x4.mul(loadLanes(q, count), f), count);
  }
}

/**
 * styledActivation in place of rows y0 … y1 of image n of out [N,h,w,O], which have just been written. The epilogue's words: scale [N,O], noise, the
 * numbers from image to image of the noise (0 where they share it), b, alpha, gain, clamp; `epilogue` 0: none.
 */
export function finishRows(epilogue: usize, out: usize, n: i32, y0: i32, y1: i32, h: i32, w: i32, O: i32): void {
  if (!epilogue) return;
  const scale = load<usize>(epilogue), noise = load<usize>(epilogue, 4), b = load<usize>(epilogue, 12);
  const from = y0 * w, p = out + (<usize>(n * h * w + from) * O << 2);
  styleRows(
    p, p, (y1 - y0) * w, O, scale ? scale + (<usize>(n * O) << 2) : 0, noise ? noise + (<usize>(n * load<i32>(epilogue, 8) + from) << 2) : 0, b,
    f32.load(epilogue, 16), f32.load(epilogue, 20), f32.load(epilogue, 24),
  );
}
