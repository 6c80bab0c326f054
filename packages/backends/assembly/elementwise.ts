// Elementwise kernels in tasks of `chunk` entries or rows.
import { loadLanes, storeLanes } from './madd';

// @ts-ignore: decorator
@inline
function combine(op: i32, a: v128, b: v128): v128 {
  if (op == 0) return f32x4.add(a, b);
  if (op == 1) return f32x4.sub(a, b);
  return f32x4.mul(a, b);
}

/** n entries; a step of 0 repeats the first entry of an operand. */
// @ts-ignore: decorator
@inline
function combineRun(op: i32, x: usize, xStep: i32, y: usize, yStep: i32, out: usize, n: i32): void {
  let i = n;
  if (xStep && yStep) {
    for (; i >= 8; i -= 8) {
      v128.store(out, combine(op, v128.load(x), v128.load(y)));
      v128.store(out, combine(op, v128.load(x, 16), v128.load(y, 16)), 16);
      x += 32; y += 32; out += 32;
    }
    for (; i >= 4; i -= 4) {
      v128.store(out, combine(op, v128.load(x), v128.load(y)));
      x += 16; y += 16; out += 16;
    }
  } else if (xStep) {
    const b = v128.load32_splat(y);
    for (; i >= 8; i -= 8) {
      v128.store(out, combine(op, v128.load(x), b));
      v128.store(out, combine(op, v128.load(x, 16), b), 16);
      x += 32; out += 32;
    }
    for (; i >= 4; i -= 4) {
      v128.store(out, combine(op, v128.load(x), b));
      x += 16; out += 16;
    }
  } else {
    const a = v128.load32_splat(x);
    for (; i >= 4; i -= 4) {
      v128.store(out, combine(op, a, yStep ? v128.load(y) : v128.load32_splat(y)));
      if (yStep) y += 16;
      out += 16;
    }
  }
  if (i > 0) {
    const a = xStep ? loadLanes(x, i) : v128.load32_splat(x), b = yStep ? loadLanes(y, i) : v128.load32_splat(y);
    storeLanes(out, combine(op, a, b), i);
  }
}

// One loop per operation: a choice inside it would cost more than the arithmetic.
// @ts-ignore: decorator
@inline
function combineRows(
  op: i32, x: usize, xn: i32, xp: i32, xc: i32, y: usize, yn: i32, yp: i32, yc: i32, out: usize, P: i32, C: i32, from: i32, to: i32,
): void {
  for (let row = from; row < to; row++) {
    const n = row / P, p = row % P;
    combineRun(op, x + (<usize>(n * xn + p * xp) << 2), xc, y + (<usize>(n * yn + p * yp) << 2), yc, out + (<usize>row * C << 2), C);
  }
}

/** out[n,p,c] = x[n·xn + p·xp + c·xc] op y[n·yn + p·yp + c·yc] for rows of [N,P] from task·chunk on; op 0 add, 1 subtract, 2 multiply. */
export function binaryRows(
  op: i32, x: usize, xn: i32, xp: i32, xc: i32, y: usize, yn: i32, yp: i32, yc: i32, out: usize, N: i32, P: i32, C: i32, chunk: i32,
  task: i32, slot: i32,
): void {
  const from = task * chunk, to = min(N * P, from + chunk);
  if (op == 0) combineRows(0, x, xn, xp, xc, y, yn, yp, yc, out, P, C, from, to);
  else if (op == 1) combineRows(1, x, xn, xp, xc, y, yn, yp, yc, out, P, C, from, to);
  else combineRows(2, x, xn, xp, xc, y, yn, yp, yc, out, P, C, from, to);
}

/** The same for operands without rows: entries from task·chunk on. */
export function binaryFlat(op: i32, x: usize, xStep: i32, y: usize, yStep: i32, out: usize, size: i32, chunk: i32, task: i32, slot: i32): void {
  const from = task * chunk, n = min(size - from, chunk);
  const at = <usize>from << 2;
  const a = x + at * xStep, b = y + at * yStep;
  if (op == 0) combineRun(0, a, xStep, b, yStep, out + at, n);
  else if (op == 1) combineRun(1, a, xStep, b, yStep, out + at, n);
  else combineRun(2, a, xStep, b, yStep, out + at, n);
}

/** gain · f(x + b), limited to ±clamp unless that is negative; f(v) = v above zero and alpha·v below. */
// @ts-ignore: decorator
@inline
function activate(v: v128, alpha: v128, gain: v128, clamp: v128): v128 {
  v = f32x4.mul(v128.bitselect(v, f32x4.mul(v, alpha), f32x4.gt(v, f32x4.splat(0))), gain);
  return f32x4.pmax(f32x4.pmin(v, clamp), f32x4.neg(clamp));
}

/** The derivative of activate at v times dy; it passes at the bound. */
// @ts-ignore: decorator
@inline
function slope(dy: v128, v: v128, alpha: v128, gain: v128, clamp: v128): v128 {
  const positive = f32x4.gt(v, f32x4.splat(0));
  const g = f32x4.mul(dy, v128.bitselect(gain, f32x4.mul(gain, alpha), positive));
  const y = f32x4.mul(v128.bitselect(v, f32x4.mul(v, alpha), positive), gain);
  return v128.and(g, f32x4.le(f32x4.abs(y), clamp));
}

/** Rows of [rows,C] from task·chunk on; b is 0 for none, clamp is infinite for none. */
export function biasAct(
  x: usize, b: usize, out: usize, rows: i32, C: i32, alpha: f32, gain: f32, clamp: f32, chunk: i32, task: i32, slot: i32,
): void {
  const a = f32x4.splat(alpha), g = f32x4.splat(gain), limit = f32x4.splat(clamp);
  const to = min(rows, (task + 1) * chunk);
  for (let row = task * chunk; row < to; row++) {
    let p = x + (<usize>row * C << 2), q = out + (<usize>row * C << 2), bias = b;
    let c = C;
    for (; c >= 8; c -= 8) {
      const v = v128.load(p), w = v128.load(p, 16);
      v128.store(q, activate(b ? f32x4.add(v, v128.load(bias)) : v, a, g, limit));
      v128.store(q, activate(b ? f32x4.add(w, v128.load(bias, 16)) : w, a, g, limit), 16);
      p += 32; q += 32; bias += 32;
    }
    for (; c >= 4; c -= 4) {
      const v = v128.load(p);
      v128.store(q, activate(b ? f32x4.add(v, v128.load(bias)) : v, a, g, limit));
      p += 16; q += 16; bias += 16;
    }
    if (c > 0) {
      const v = loadLanes(p, c);
      storeLanes(q, activate(b ? f32x4.add(v, loadLanes(bias, c)) : v, a, g, limit), c);
    }
  }
}

/** dx = dy · d biasAct(x, b). */
export function biasActGrad(
  dy: usize, x: usize, b: usize, out: usize, rows: i32, C: i32, alpha: f32, gain: f32, clamp: f32, chunk: i32, task: i32, slot: i32,
): void {
  const a = f32x4.splat(alpha), g = f32x4.splat(gain), limit = f32x4.splat(clamp);
  const to = min(rows, (task + 1) * chunk);
  for (let row = task * chunk; row < to; row++) {
    const at = <usize>row * C << 2;
    let p = x + at, q = out + at, d = dy + at, bias = b;
    let c = C;
    for (; c >= 8; c -= 8) {
      const v = v128.load(p), w = v128.load(p, 16);
      v128.store(q, slope(v128.load(d), b ? f32x4.add(v, v128.load(bias)) : v, a, g, limit));
      v128.store(q, slope(v128.load(d, 16), b ? f32x4.add(w, v128.load(bias, 16)) : w, a, g, limit), 16);
      p += 32; q += 32; d += 32; bias += 32;
    }
    for (; c >= 4; c -= 4) {
      const v = v128.load(p);
      v128.store(q, slope(v128.load(d), b ? f32x4.add(v, v128.load(bias)) : v, a, g, limit));
      p += 16; q += 16; d += 16; bias += 16;
    }
    if (c > 0) {
      const v = loadLanes(p, c);
      storeLanes(q, slope(loadLanes(d, c), b ? f32x4.add(v, loadLanes(bias, c)) : v, a, g, limit), c);
    }
  }
}

/** Copies rows of `bytes` between strides. */
export function copyRows(x: usize, xStep: i32, out: usize, outStep: i32, rows: i32, bytes: i32, chunk: i32, task: i32, slot: i32): void {
  const from = task * chunk, to = min(rows, from + chunk);
  let p = x + <usize>from * xStep, q = out + <usize>from * outStep;
  for (let row = from; row < to; row++) {
    if (bytes == 4) {
      f32.store(q, f32.load(p));
    } else {
      let i = 0;
      for (; i + 16 <= bytes; i += 16) v128.store(q + i, v128.load(p + i));
      for (; i < bytes; i += 4) f32.store(q + i, f32.load(p + i));
    }
    p += xStep;
    q += outStep;
  }
}
