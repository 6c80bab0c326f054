import type { TensorInfo } from '@tensorflow/tfjs-core';
import { DEMODULATION_EPSILON, enlargement, grownPadding, type ModulatedConvAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { gather, type Modulation } from './convGather.js';
import { demodulation } from './demodulation.js';
import { sumRows } from './sumRows.js';
import { upfirdn2d } from './upfirdn2d.js';

/** What MODULATED_CONV2D reads. */
export interface ModulatedInputs {
  readonly x: TensorInfo;
  readonly weight: TensorInfo;
  readonly styles: TensorInfo;
  readonly noise?: TensorInfo | undefined;
  readonly b?: TensorInfo | undefined;
  readonly f?: TensorInfo | undefined;
}

type Epilogue = NonNullable<Modulation['epilogue']>;

/** 1/√(Σ (w·s)² + ε) of the styles, of spatial ones of their mean. */
function demodulated(gpu: GpuContext, weight: TensorInfo, styles: TensorInfo): TensorInfo {
  if (styles.shape.length === 2) return demodulation(gpu, weight, styles, DEMODULATION_EPSILON);
  const [N, h, w, I] = styles.shape as [number, number, number, number];
  const mean = gpu.output([N, I]);
  sumRows(gpu, styles, mean, { samples: N, rows: h * w, columns: I, scale: 1 / (h * w) });
  const d = demodulation(gpu, weight, mean, DEMODULATION_EPSILON);
  gpu.free(mean);
  return d;
}

/** Without upsampling: the convolution multiplies what it reads by the styles and finishes what it writes. */
function same(gpu: GpuContext, { x, weight, styles }: ModulatedInputs, { padding: [x0, x1, y0, y1], flipWeight }: ModulatedConvAttrs, epilogue?: Epilogue): TensorInfo {
  const [N, H, W] = x.shape as [number, number, number, number];
  const [kh, kw, , O] = weight.shape as [number, number, number, number];
  return gather(gpu, {
    source: x, filter: weight, out: [N, H + y0 + y1 - kh + 1, W + x0 + x1 - kw + 1, O], stride: 1, pad: [y0, x0], backward: false,
    modulation: { styles, turn: !flipWeight && kh * kw > 1, ...(epilogue && { epilogue }) },
  });
}

/** With upsampling: a transposed convolution (a plain one where it has one tap), and the filter, which finishes. */
function enlarged(gpu: GpuContext, { x, weight, styles, f }: ModulatedInputs, attrs: ModulatedConvAttrs, epilogue: Epilogue): TensorInfo {
  const { up, flipWeight } = attrs;
  const [N, H, W] = x.shape as [number, number, number, number];
  const [kh, kw, , O] = weight.shape as [number, number, number, number];
  const padding = grownPadding(attrs.padding, { fir: [f!.shape[0]!, f!.shape[f!.shape.length - 1]!], up, down: 1 });
  const pointwise = kh * kw === 1;
  const { cut, padding: left } = pointwise ? { cut: [0, 0] as const, padding } : enlargement(padding, { kernel: [kh, kw], up });
  const y = pointwise
    ? same(gpu, { x, weight, styles }, { ...attrs, padding: [0, 0, 0, 0] })
    : gather(gpu, {
      source: x, filter: weight, out: [N, (H - 1) * up + kh - 2 * cut[0], (W - 1) * up + kw - 2 * cut[1], O], stride: up, pad: cut, backward: true,
      modulation: { styles, turn: flipWeight },
    });
  const [x0, x1, y0, y1] = left;
  const factor = pointwise ? up : 1;
  const out = upfirdn2d(gpu, { x: y, f: f! }, {
    up: [factor, factor], down: [1, 1], padding: [y0, y1, x0, x1], correlate: false, gain: up * up, size: [y.shape[1]!, y.shape[2]!],
  }, epilogue);
  gpu.free(y);
  return out;
}

/** MODULATED_CONV2D: the demodulation and one pass; upsampled, one more. */
export function modulatedConv2d(gpu: GpuContext, inputs: ModulatedInputs, attrs: ModulatedConvAttrs): TensorInfo {
  const { weight, styles, noise, b } = inputs;
  const scale = attrs.demodulate ? demodulated(gpu, weight, styles) : undefined;
  const out = (attrs.up === 1 ? same : enlarged)(gpu, inputs, attrs, { scale, noise, b, attrs });
  if (scale) gpu.free(scale);
  return out;
}
