// Parts of the modulated convolution: channels scaled per sample, with both gradients in one pass, and the demodulation.
import { loadLanes, storeLanes } from './madd';

/** Longest run of a column that is summed at once. */
const RUN: i32 = 64;

/** dx = dy · scale and Σ dy · x for sixteen channels. */
function columns16(x: usize, dy: usize, dx: usize, step: usize, pixels: i32, scale: usize, sums: usize): void {
  const s0 = v128.load(scale), s1 = v128.load(scale, 16), s2 = v128.load(scale, 32), s3 = v128.load(scale, 48);
  let a = f32x4.splat(0), b = a, c = a, d = a;
  for (let from = 0; from < pixels; from += RUN) {
    let e = f32x4.splat(0), f = e, g = e, h = e;
    for (let i = min(RUN, pixels - from); i > 0; i--) {
      let u = v128.load(dy);
      v128.store(dx, f32x4.mul(u, s0));
      e = f32x4.add(e, f32x4.mul(u, v128.load(x)));
      u = v128.load(dy, 16);
      v128.store(dx, f32x4.mul(u, s1), 16);
      f = f32x4.add(f, f32x4.mul(u, v128.load(x, 16)));
      u = v128.load(dy, 32);
      v128.store(dx, f32x4.mul(u, s2), 32);
      g = f32x4.add(g, f32x4.mul(u, v128.load(x, 32)));
      u = v128.load(dy, 48);
      v128.store(dx, f32x4.mul(u, s3), 48);
      h = f32x4.add(h, f32x4.mul(u, v128.load(x, 48)));
      x += step; dy += step; dx += step;
    }
    a = f32x4.add(a, e); b = f32x4.add(b, f); c = f32x4.add(c, g); d = f32x4.add(d, h);
  }
  v128.store(sums, a); v128.store(sums, b, 16); v128.store(sums, c, 32); v128.store(sums, d, 48);
}

/** The same for one to four. */
function columns4(x: usize, dy: usize, dx: usize, step: usize, pixels: i32, scale: usize, sums: usize, count: i32): void {
  const s = loadLanes(scale, count);
  let a = f32x4.splat(0);
  for (let from = 0; from < pixels; from += RUN) {
    let e = f32x4.splat(0);
    for (let i = min(RUN, pixels - from); i > 0; i--) {
      const u = loadLanes(dy, count);
      storeLanes(dx, f32x4.mul(u, s), count);
      e = f32x4.add(e, f32x4.mul(u, loadLanes(x, count)));
      x += step; dy += step; dx += step;
    }
    a = f32x4.add(a, e);
  }
  storeLanes(sums, a, count);
}

/** Gradients of x [N,pixels,C] · scale [N,C] for one image (task / shares), of its sixteens of channels every `shares`-th. */
export function scaleChannelsGrad(
  x: usize, scale: usize, dy: usize, dx: usize, dScale: usize, pixels: i32, C: i32, shares: i32, task: i32, slot: i32,
): void {
  const n = task / shares;
  const image = (<usize>n * pixels * C) << 2, row = (<usize>n * C) << 2, step = <usize>C << 2;
  for (let from = (task % shares) << 4; from < C; from += shares << 4) {
    const to = min(C, from + 16);
    if (to - from == 16) {
      const at = <usize>from << 2;
      columns16(x + image + at, dy + image + at, dx + image + at, step, pixels, scale + row + at, dScale + row + at);
      continue;
    }
    for (let c = from; c < to; c += 4) {
      const at = <usize>c << 2;
      columns4(x + image + at, dy + image + at, dx + image + at, step, pixels, scale + row + at, dScale + row + at, min(4, to - c));
    }
  }
}

/** squares[i,o] = Σ over the taps of w². */
function squaresOf(w: usize, squares: usize, taps: i32, size: i32): void {
  const step = <usize>size << 2;
  for (let j = 0; j < size; j += 4) {
    const count = size - j;
    let p = w + (<usize>j << 2), s = f32x4.splat(0);
    for (let k = 0; k < taps; k++) {
      const v = loadLanes(p, count);
      s = f32x4.add(s, f32x4.mul(v, v));
      p += step;
    }
    storeLanes(squares + (<usize>j << 2), s, count);
  }
}

/** 1/√(Σ_i styles² · squares + epsilon) for up to four outputs. */
// @ts-ignore: decorator
@inline
function rootOf(styles: usize, squares: usize, I: i32, O: i32, count: i32, epsilon: f32): v128 {
  let q = f32x4.splat(0);
  for (let i = 0; i < I; i++) {
    const s = f32.load(styles + (<usize>i << 2));
    q = f32x4.add(q, f32x4.mul(f32x4.splat(s * s), loadLanes(squares + (<usize>(i * O) << 2), count)));
  }
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(q, f32x4.splat(epsilon))));
}

/** Demodulation of w [taps,I,O] by styles [N,I]: out [N,O]. `squares` is scratch for I·O numbers. */
export function demodulate(w: usize, styles: usize, out: usize, taps: i32, I: i32, O: i32, N: i32, epsilon: f32, squares: usize, task: i32, slot: i32): void {
  squaresOf(w, squares, taps, I * O);
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o += 4) {
      storeLanes(out + (<usize>(n * O + o) << 2), rootOf(styles + (<usize>(n * I) << 2), squares + (<usize>o << 2), I, O, O - o, epsilon), O - o);
    }
  }
}

/** Its gradients. `squares` and, behind them, `slopes` are scratch for I·O and N·O numbers. */
export function demodulateGrad(
  w: usize, styles: usize, dy: usize, dw: usize, dStyles: usize, taps: i32, I: i32, O: i32, N: i32, epsilon: f32, squares: usize, slopes: usize,
  task: i32, slot: i32,
): void {
  squaresOf(w, squares, taps, I * O);
  const row = <usize>O << 2;
  for (let n = 0; n < N; n++) {
    const s = styles + (<usize>(n * I) << 2), g = slopes + <usize>n * row;
    for (let o = 0; o < O; o += 4) {
      const at = <usize>o << 2;
      const d = rootOf(s, squares + at, I, O, O - o, epsilon);
      // The derivative by the sum, times two: what the squares of styles and weights both bring.
      storeLanes(g + at, f32x4.neg(f32x4.mul(f32x4.mul(d, f32x4.mul(d, d)), loadLanes(dy + <usize>n * row + at, O - o))), O - o);
    }
    for (let i = 0; i < I; i++) {
      let sum = f32x4.splat(0);
      for (let o = 0; o < O; o += 4) {
        const at = <usize>o << 2;
        sum = f32x4.add(sum, f32x4.mul(loadLanes(g + at, O - o), loadLanes(squares + <usize>i * row + at, O - o)));
      }
      const total = (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
      f32.store(dStyles + (<usize>(n * I + i) << 2), total * f32.load(s + (<usize>i << 2)));
    }
  }
  for (let i = 0; i < I; i++) {
    for (let o = 0; o < O; o += 4) {
      const at = <usize>o << 2, count = O - o;
      let sum = f32x4.splat(0);
      for (let n = 0; n < N; n++) {
        const s = f32.load(styles + (<usize>(n * I + i) << 2));
        sum = f32x4.add(sum, f32x4.mul(f32x4.splat(s * s), loadLanes(slopes + <usize>n * row + at, count)));
      }
      for (let k = 0; k < taps; k++) {
        const p = <usize>(k * I + i) * row + at;
        storeLanes(dw + p, f32x4.mul(loadLanes(w + p, count), sum), count);
      }
    }
  }
}
