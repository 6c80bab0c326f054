// Minibatch standard deviation: samples n with n ≡ m mod M are group m of G.
import { loadLanes, storeLanes } from './madd';

/** Mean over the group of up to four channels of one pixel; `step` bytes lie between samples. */
// @ts-ignore: decorator
@inline
function meanOf(x: usize, step: usize, G: i32, count: i32): v128 {
  let sum = f32x4.splat(0);
  for (let g = 0; g < G; g++) sum = f32x4.add(sum, loadLanes(x + <usize>g * step, count));
  return f32x4.mul(sum, f32x4.splat(1 / <f32>G));
}

/** √(variance + epsilon) likewise. */
// @ts-ignore: decorator
@inline
function deviationOf(x: usize, step: usize, G: i32, count: i32, mean: v128, epsilon: f32): v128 {
  let squares = f32x4.splat(0);
  for (let g = 0; g < G; g++) {
    const d = f32x4.sub(loadLanes(x + <usize>g * step, count), mean);
    squares = f32x4.add(squares, f32x4.mul(d, d));
  }
  return f32x4.sqrt(f32x4.add(f32x4.mul(squares, f32x4.splat(1 / <f32>G)), f32x4.splat(epsilon)));
}

/** Group `task`: out [N,pixels,C+F] = x [N,pixels,C] and F deviations, each the mean over pixels and C/F channels. `scratch`: 2·C4 numbers a thread. */
export function minibatchStd(
  x: usize, out: usize, M: i32, G: i32, pixels: i32, C: i32, F: i32, epsilon: f32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const sample = (<usize>pixels * C) << 2, pixel = <usize>C << 2, step = <usize>M * sample;
  const sums = scratch + <usize>slot * slotBytes, run = sums + (<usize>((C + 3) & ~3) << 2);
  const first = x + <usize>task * sample;
  memory.fill(sums, 0, run - sums);
  for (let from = 0; from < pixels; from += 64) {
    const to = min(pixels, from + 64);
    memory.fill(run, 0, run - sums);
    for (let i = from; i < to; i++) {
      for (let c = 0; c < C; c += 4) {
        const at = <usize>c << 2, p = first + <usize>i * pixel + at, count = C - c;
        const deviation = deviationOf(p, step, G, count, meanOf(p, step, G, count), epsilon);
        v128.store(run + at, f32x4.add(v128.load(run + at), deviation));
      }
    }
    for (let at: usize = 0; at < run - sums; at += 16) v128.store(sums + at, f32x4.add(v128.load(sums + at), v128.load(run + at)));
  }
  const per = C / F;
  for (let f = 0; f < F; f++) {
    let sum: f32 = 0;
    for (let c = 0; c < per; c++) sum += f32.load(sums + (<usize>(f * per + c) << 2));
    f32.store(run + (<usize>f << 2), sum / <f32>(per * pixels));
  }
  const tail = <usize>F << 2;
  for (let g = 0; g < G; g++) {
    const n = <usize>(g * M + task);
    let p = x + n * sample, q = out + n * <usize>pixels * (pixel + tail);
    for (let i = 0; i < pixels; i++) {
      memory.copy(q, p, pixel);
      memory.copy(q + pixel, run, tail);
      p += pixel; q += pixel + tail;
    }
  }
}

/** The gradient of group `task` by x. `scratch`: C4 numbers a thread. */
export function minibatchStdGrad(
  x: usize, dy: usize, dx: usize, M: i32, G: i32, pixels: i32, C: i32, F: i32, epsilon: f32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const sample = (<usize>pixels * C) << 2, pixel = <usize>C << 2, step = <usize>M * sample;
  const dyPixel = pixel + (<usize>F << 2), dySample = <usize>pixels * dyPixel;
  const weights = scratch + <usize>slot * slotBytes;
  const per = C / F;
  // The gradient of a deviation's sum of squares: Σ of the statistic's cotangents, over what it is a mean of.
  for (let f = 0; f < F; f++) {
    let sum: f32 = 0;
    for (let g = 0; g < G; g++) {
      let own: f32 = 0;
      let p = dy + <usize>(g * M + task) * dySample + pixel + (<usize>f << 2);
      for (let i = 0; i < pixels; i++) {
        own += f32.load(p);
        p += dyPixel;
      }
      sum += own;
    }
    const weight = sum / (<f32>per * <f32>pixels * <f32>G);
    for (let c = 0; c < per; c++) f32.store(weights + (<usize>(f * per + c) << 2), weight);
  }
  const first = <usize>task * sample;
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < C; c += 4) {
      const at = <usize>i * pixel + (<usize>c << 2), count = C - c;
      const p = x + first + at;
      const mean = meanOf(p, step, G, count);
      const factor = f32x4.div(loadLanes(weights + (<usize>c << 2), count), deviationOf(p, step, G, count, mean, epsilon));
      for (let g = 0; g < G; g++) {
        const n = <usize>g * step;
        const own = loadLanes(dy + <usize>(g * M + task) * dySample + <usize>i * dyPixel + (<usize>c << 2), count);
        storeLanes(dx + first + at + n, f32x4.add(own, f32x4.mul(f32x4.sub(loadLanes(p + n, count), mean), factor)), count);
      }
    }
  }
}
