import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs, ConvAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { MATRIX_TILE } from './convArithmetic.js';
import { GATHER_INTS, MODULATED_INTS } from './convGatherAccess.js';
import { gatherProgram } from './convGatherShader.js';
import { splitsFor, TILES, type TileName, tileFor } from './convTiles.js';
import { epilogueFloats, type EpilogueInputs, epilogueInts, partsOf } from './epilogue.js';
import { finishParts, sumParts } from './sumParts.js';

type Size = readonly [number, number];

/** What makes a convolution a modulated one. */
export interface Modulation {
  /** [N,I] or like the source. */
  readonly styles: TensorInfo;
  /** The filter is turned round. */
  readonly turn: boolean;
  /** What follows, unless something comes between. */
  readonly epilogue?: EpilogueInputs & { readonly attrs: BiasLreluAttrs };
}

/** One convolution as a product: `phases` of taps, each [pixels × taps·inner] · [taps·inner × outer]. */
interface Gather {
  readonly source: TensorInfo;
  readonly filter: TensorInfo;
  readonly out: readonly [number, number, number, number];
  readonly stride: number;
  readonly pad: Size;
  /** Gradient by the input: the filter is turned round and its channels exchanged. */
  readonly backward: boolean;
  /** With one the filter's channels are not exchanged either way. */
  readonly modulation?: Modulation;
}

/** Taps that reach a residue of the output index. */
const tapsOf = (residue: number, { stride, pad, taps }: { readonly stride: number; readonly pad: number; readonly taps: number }): number =>
  Math.max(0, Math.ceil((taps - ((residue + pad) % stride)) / stride));

/** Runs a convolution. */
export function gather(gpu: GpuContext, { source, filter, out, stride, pad, backward, modulation }: Gather): TensorInfo {
  const [N, H, W, columns] = out;
  const [, h, w, inner] = source.shape as [number, number, number, number];
  const [kh, kw] = filter.shape as [number, number, number, number];
  const phases = backward ? stride : 1;
  const [rowsY, rowsX] = [Math.ceil(H / phases), Math.ceil(W / phases)];
  const rows = N * rowsY * rowsX;
  const vec = inner % 4 === 0 && columns % 4 === 0;
  const name: TileName = tileFor(rows, columns, gpu.software);
  // Matrices have one tile; where it would be mostly empty, vectors of 16-bit factors do.
  const arithmetic = typeof gpu.arithmetic === 'object' && name !== 'square' ? 'float16' : gpu.arithmetic;
  const tile = typeof arithmetic === 'object' ? MATRIX_TILE : TILES[name];
  const [tilesM, tilesN] = [Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns)];
  const taps = backward ? tapsOf(0, { stride, pad: pad[0], taps: kh }) * tapsOf(0, { stride, pad: pad[1], taps: kw }) : kh * kw;
  const depth = taps * Math.ceil(inner / 4) * 4;
  const groups = tilesM * tilesN * phases * phases;
  const splits = gpu.software ? 1 : splitsFor(groups, depth);
  const result = gpu.output(out);
  const target = splits === 1 ? result : gpu.output([splits, ...out]);
  const values: Record<(typeof GATHER_INTS)[number], number> = {
    n: N, srcH: h, srcW: w, inner, outH: H, outW: W, columns, kh, kw, stride, padY: pad[0], padX: pad[1],
    phases, rowsY, rowsX, tilesM, tilesN, splits,
  };
  const epilogue = splits === 1 ? modulation?.epilogue : undefined;
  const { parts, tensors = [] } = epilogue ? partsOf(epilogue) : {};
  const modulated = modulation && { styles: modulation.styles.shape.length === 2 ? 'sample' : 'entry', ...(parts && { epilogue: parts }) } as const;
  const modulatedInts: Record<(typeof MODULATED_INTS)[number], number> = { turn: modulation?.turn ? 1 : 0, noisePixels: epilogueInts(epilogue ?? {})[0]! };
  gpu.run({
    program: gatherProgram(name, { vec, backward, arithmetic, ...(modulated && { modulated }) }),
    inputs: [source, filter, ...(modulation ? [modulation.styles] : []), ...tensors], outputs: [target],
    ints: [...GATHER_INTS.map((key) => values[key]), ...(modulated ? MODULATED_INTS.map((key) => modulatedInts[key]) : [])],
    floats: modulated ? epilogueFloats(epilogue?.attrs ?? { alpha: 1, gain: 1, clamp: -1 }) : [], groups: groups * splits,
  });
  if (splits > 1) {
    if (modulation?.epilogue) finishParts(gpu, { parts: target, total: result, count: splits }, modulation.epilogue);
    else sumParts(gpu, target, result, splits);
    gpu.free(target);
  }
  return result;
}

/** CONV2D: an implicit matrix product in one pass; two where there are few pixels and many channels. */
export function conv2dForward(gpu: GpuContext, x: TensorInfo, filter: TensorInfo, { stride, padding: [t, b, l, r] }: ConvAttrs): TensorInfo {
  const [N, H, W] = x.shape as [number, number, number, number];
  const [kh, kw, , O] = filter.shape as [number, number, number, number];
  const out = [N, Math.floor((H + t + b - kh) / stride) + 1, Math.floor((W + l + r - kw) / stride) + 1, O] as const;
  return gather(gpu, { source: x, filter, out, stride, pad: [t, l], backward: false });
}

/** CONV2D_INPUT_GRAD: the same product; each residue of the output index by the stride sees the taps that reach it, so no inserted zero is multiplied. */
export function conv2dInputGrad(
  gpu: GpuContext, dy: TensorInfo, filter: TensorInfo, { stride, padding: [t, , l], size }: ConvAttrs & { readonly size: Size },
): TensorInfo {
  const out = [dy.shape[0]!, size[0], size[1], filter.shape[2]!] as const;
  return gather(gpu, { source: dy, filter, out, stride, pad: [t, l], backward: true });
}
