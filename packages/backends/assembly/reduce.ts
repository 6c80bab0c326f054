// Sums over the middle axis of [outer, mid, inner].

/** Inner axis of one number: sums of contiguous runs, in four lanes of four. */
function sumRuns(x: usize, out: usize, outer: i32, mid: i32, scale: f32): void {
  for (let o = 0; o < outer; o++) {
    let a = f32x4.splat(0), b = a, c = a, d = a;
    let m = mid;
    for (; m >= 16; m -= 16) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
      x += 64;
    }
    for (; m >= 4; m -= 4) {
      a = f32x4.add(a, v128.load(x));
      x += 16;
    }
    const s = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    let total = f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
    for (; m > 0; m--) {
      total += f32.load(x);
      x += 4;
    }
    f32.store(out, total * scale);
    out += 4;
  }
}

/** Longest run of a column that is summed at once: partial sums keep the rounding error small. */
const RUN: i32 = 64;

/** Adds `rows` rows of [.., inner] to out, eight columns at a time. */
function addRows(x: usize, out: usize, rows: i32, inner: i32): void {
  const step = <usize>inner << 2;
  let i = 0;
  for (; i + 8 <= inner; i += 8) {
    let a = f32x4.splat(0), b = a;
    let p = x + (<usize>i << 2);
    for (let r = 0; r < rows; r++) {
      a = f32x4.add(a, v128.load(p));
      b = f32x4.add(b, v128.load(p, 16));
      p += step;
    }
    const q = out + (<usize>i << 2);
    v128.store(q, f32x4.add(v128.load(q), a));
    v128.store(q, f32x4.add(v128.load(q, 16), b), 16);
  }
  for (; i < inner; i++) {
    let a: f32 = 0;
    let p = x + (<usize>i << 2);
    for (let r = 0; r < rows; r++) {
      a += f32.load(p);
      p += step;
    }
    const q = out + (<usize>i << 2);
    f32.store(q, f32.load(q) + a);
  }
}

/** out[o, i] = scale · Σ_m x[o, m, i]. */
export function sumMiddle(x: usize, out: usize, outer: i32, mid: i32, inner: i32, scale: f32): void {
  if (inner == 1) {
    sumRuns(x, out, outer, mid, scale);
    return;
  }
  const step = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    memory.fill(out, 0, step);
    for (let m = 0; m < mid; m += RUN) {
      const rows = min(RUN, mid - m);
      addRows(x, out, rows, inner);
      x += <usize>rows * step;
    }
    if (scale != 1) {
      for (let i = 0; i < inner; i++) f32.store(out + (i << 2), f32.load(out + (i << 2)) * scale);
    }
    out += step;
  }
}

/** Piece task % pieces of the sum over the middle axis for outer index task / pieces, or with one piece `chunk` outer indices. */
export function sumPieces(
  x: usize, out: usize, outer: i32, mid: i32, inner: i32, pieceRows: i32, pieces: i32, chunk: i32, scale: f32, task: i32, slot: i32,
): void {
  if (pieces == 1) {
    const from = task * chunk;
    sumMiddle(x + ((<usize>from * mid * inner) << 2), out + ((<usize>from * inner) << 2), min(chunk, outer - from), mid, inner, scale);
    return;
  }
  const from = (task % pieces) * pieceRows;
  sumMiddle(
    x + ((<usize>((task / pieces) * mid + from) * inner) << 2), out + ((<usize>task * inner) << 2), 1, min(pieceRows, mid - from), inner, scale,
  );
}
