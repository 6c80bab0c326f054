import type { TensorInfo } from '@tensorflow/tfjs-core';

/** Padded rows of a band that stay in a 512 kB cache beside the packed filter. */
const BAND_BYTES = 128 * 1024;

interface Band {
  /** Output rows, columns. */
  readonly rows: number;
  readonly cols: number;
  readonly stride: number;
  /** Rows of a window. */
  readonly taps: number;
  readonly rowBytes: number;
  readonly images: number;
}

/** Output rows of a task: an even share of an image that the cache holds, and no image of few undivided. */
function bandRows({ rows, cols, stride, taps, rowBytes, images }: Band): number {
  const most = Math.max(1, Math.floor((BAND_BYTES / rowBytes - taps) / stride) + 1);
  const shares = Math.max(Math.ceil(rows / most), images < 4 ? Math.ceil(4 / images) : 1);
  return Math.max(Math.ceil(rows / shares), Math.min(rows, Math.ceil(6 / cols)));
}

/** Windows over a padded image. */
export interface Windows {
  readonly x: TensorInfo;
  /** Zeros above and left of x; negative cuts. */
  readonly top: number;
  readonly left: number;
  readonly stride: number;
  /** Rows and columns of the window, of the outputs. */
  readonly taps: readonly [number, number];
  readonly outputs: readonly [number, number];
  /** The windows lie inside x. */
  readonly inPlace: boolean;
}

/** Common plan of the kernels over windows: bytes and rows of a band, and the tasks. */
export function planOf({ x, stride, taps, outputs: [h, w], inPlace }: Windows) {
  const [N, , W, C] = x.shape as unknown as readonly [number, number, number, number];
  const Wp = inPlace ? W : (w - 1) * stride + taps[1];
  const rowBytes = Wp * C * 4;
  const rows = bandRows({ rows: h, cols: w, stride, taps: taps[0], rowBytes, images: N });
  const image = inPlace ? 0 : ((rows - 1) * stride + taps[0]) * rowBytes;
  return { Wp, rowBytes, rows, tasks: N * Math.ceil(h / rows), image };
}
