import { concat, pad, reshape, slice, type Tensor4D } from '@tensorflow/tfjs-core';

/** Fits x to [.., H, W, ..] from an offset: what lies outside is zero, what is too much is cut. */
export function window(x: Tensor4D, [top, left]: readonly [number, number], [H, W]: readonly [number, number]): Tensor4D {
  const [N, h, w, C] = x.shape;
  if (top === 0 && left === 0 && h === H && w === W) return x;
  const [t, l] = [Math.max(-top, 0), Math.max(-left, 0)];
  const [b, r] = [Math.max(top + H - h, 0), Math.max(left + W - w, 0)];
  const padded = t + b + l + r > 0 ? pad(x, [[0, 0], [t, b], [l, r], [0, 0]]) : x;
  const [, ph, pw] = padded.shape;
  if (ph === H && pw === W) return padded;
  return slice(padded, [0, Math.max(top, 0), Math.max(left, 0), 0], [N, H, W, C]);
}

/** [N,h,w,C] → [N,h·sy,w·sx,C] with zeros after each entry. */
export function zeroInsert(x: Tensor4D, [sy, sx]: readonly [number, number]): Tensor4D {
  const [N, h, w, C] = x.shape;
  const wide = sx === 1 ? x : pad(reshape(x, [N * h * w, C]), [[0, 0], [0, (sx - 1) * C]]);
  const row = w * sx * C;
  const tall = sy === 1 ? wide : pad(reshape(wide, [N * h, row]), [[0, 0], [0, (sy - 1) * row]]);
  return reshape(tall, [N, h * sy, w * sx, C]);
}

/** Every sy-th row and sx-th column from the first on, h × w of them: the transpose of {@link zeroInsert}. */
export function everyNth(x: Tensor4D, [sy, sx]: readonly [number, number], [h, w]: readonly [number, number]): Tensor4D {
  const [N, , , C] = x.shape;
  const fitted = window(x, [0, 0], [h * sy, w * sx]);
  const row = w * sx * C;
  const rows = sy === 1 ? fitted : slice(reshape(fitted, [N * h, sy * row]), [0, 0], [N * h, row]);
  const columns = sx === 1 ? rows : slice(reshape(rows, [N * h * w, sx * C]), [0, 0], [N * h * w, C]);
  return reshape(columns, [N, h, w, C]);
}

/** Joins phases so that entry i of the axis comes from phase i mod count. */
export function interleave(phases: readonly Tensor4D[], axis: 1 | 2): Tensor4D {
  if (phases.length === 1) return phases[0]!;
  const [N, h, w, C] = phases[0]!.shape;
  const inner = axis === 1 ? w * C : C;
  const outer = (N * h * w * C) / inner;
  const joined = concat(phases.map((p) => reshape(p, [outer, inner])), 1);
  return reshape(joined, axis === 1 ? [N, h * phases.length, w, C] : [N, h, w * phases.length, C]);
}
