import { CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, CONV2D_LRELU, CONV2D_STYLED } from '@spatialgan/ops';
import { type KernelWork, profileKernels } from './kernelProfile.js';

type Shape = readonly number[];
type Shapes = readonly Shape[];

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

const forwards: ReadonlyMap<string, string> = new Map([[CONV2D, 'forward'], [CONV2D_LRELU, 'forward, lrelu'], [CONV2D_STYLED, 'forward, styled']]);

/** What a convolution kernel is about: its input or input gradient, its filter and its output or the output's gradient. */
function convolution(kernel: string, inputs: Shapes, outputs: Shapes): { readonly what: string; readonly x: Shape; readonly w: Shape; readonly y: Shape } | null {
  const [a, b] = inputs as [Shape, Shape];
  const out = outputs[0]!;
  if (forwards.has(kernel)) return { what: forwards.get(kernel)!, x: a, w: b, y: out };
  if (kernel === CONV2D_INPUT_GRAD) return { what: 'by input', x: out, w: b, y: a };
  if (kernel === CONV2D_FILTER_GRAD) return { what: 'by filter', x: a, w: out, y: b };
  return null;
}

/** Names convolutions by their sizes, everything else by its kernel. */
export function workOf(kernel: string, inputs: Shapes, outputs: Shapes): KernelWork {
  const bytes = 4 * [...inputs, ...outputs].reduce((sum, shape) => sum + sizeOf(shape), 0);
  const conv = convolution(kernel, inputs, outputs);
  if (conv) {
    const { what, x, w, y } = conv;
    const stride = Math.round(x[1]! / y[1]!);
    const name = `conv ${w[0]}×${w[1]}${stride > 1 ? ` stride ${stride}` : ''}, ${w[2]}→${w[3]}, ${x[1]}×${x[2]}: ${what}`;
    return { name, flops: 2 * sizeOf(y) * sizeOf(w.slice(0, 3)), bytes };
  }
  if (kernel === 'BatchMatMul') {
    const [a, , out] = [inputs[0]!, inputs[1]!, outputs[0]!];
    const rows = out[out.length - 2]!;
    return { name: kernel, flops: 2 * sizeOf(out) * (sizeOf(a.slice(-2)) / rows), bytes };
  }
  return { name: kernel.replace(/^Spatialgan/, ''), flops: 0, bytes };
}

/** GB/s of copying two megabytes on the calling thread, read and written. */
export function copyRate(): number {
  const [from, to] = [new Float32Array(1 << 19).fill(1), new Float32Array(1 << 19)];
  let least = Infinity;
  for (let run = 0; run < 60; run++) {
    const start = performance.now();
    to.set(from);
    least = Math.min(least, performance.now() - start);
  }
  return (2 * from.byteLength) / least / 1e6;
}

/** What a thread of the machine can do at best. */
export interface Ceiling {
  /** Of multiply-adds in registers. */
  readonly gflops: number;
  /** Of copying. */
  readonly gbytes: number;
  readonly threads: number;
}

const ROWS = 24;

/**
 * A Markdown table of where a step's time goes: for each kernel its share of the step and of what the threads can do at best,
 * multiply-adds for convolutions and matrix products (the best of its calls), bytes for the others (all of its calls).
 */
export async function rooflineTable(title: string, run: () => Promise<void>, { gflops, gbytes, threads }: Ceiling): Promise<string> {
  await run();
  await profileKernels(run, workOf); // the wrapped kernels warm up, too
  const { kernels, total } = await profileKernels(run, workOf);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const share = (ms: number): string => `${((100 * ms) / total).toFixed(1)} %`;
  const lines = kernels.slice(0, ROWS).map(({ name, calls, ms, flops, bytes, best }) => row([
    name, `${calls}`, ms.toFixed(2), share(ms),
    flops > 0 ? (best.flops / 1e6 / gflops / threads).toFixed(2) : '',
    flops > 0 ? '' : (bytes / ms / 1e6 / gbytes / threads).toFixed(2),
  ]));
  const rest = kernels.slice(ROWS);
  const sum = (of: readonly { readonly ms: number }[]): number => of.reduce((all, { ms }) => all + ms, 0);
  const tail = [
    row(['other kernels', `${rest.reduce((n, { calls }) => n + calls, 0)}`, sum(rest).toFixed(2), share(sum(rest)), '', '']),
    row(['JavaScript around them', '', (total - sum(kernels)).toFixed(2), share(total - sum(kernels)), '', '']),
  ];
  const head = [row([title, 'calls', 'ms', 'of the step', 'of the multiply-add peak', 'of the copy rate']), '|---|--:|--:|--:|--:|--:|'];
  return [...head, ...lines, ...tail].join('\n');
}
