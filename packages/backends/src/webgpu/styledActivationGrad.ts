import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { bindings, elementwise, elementwiseProgram } from './elementwise.js';
import { EPILOGUE_FLOATS, EPILOGUE_INTS, epilogueFloats, type EpilogueInputs, epilogueInts, type EpilogueParts, partsOf, styledSum } from './epilogue.js';
import type { Program } from './pipelines.js';
import { sumRows } from './sumRows.js';
import { combineRows, THREADS, type Width, WIDTHS } from './workgroupSums.js';

// With v = x · scale + noise + b and d = dy · act'(v): dx = d · scale, dscale = Σ d · x and db = Σ d over pixels, dnoise = Σ d over
// channels. A workgroup takes a chunk of a sample's pixels and all channels, so that x and dy are read once.

/** Pixels of an invocation; it keeps the sum of each. */
const PIXELS = 8;
const chunkOf = (width: Width): number => THREADS / width * PIXELS;

/** Σ d · x where there is a scale, and Σ d where there is a bias: columns of sums a chunk. */
const sumsOf = (parts: EpilogueParts): number => Number(parts.includes('scale')) + Number(parts.includes('b'));

/** WGSL: the sums over the channels of each pixel, by a tree over the invocations that share it. */
const noiseSums = (lanes: 1 | 4, width: Width): string => /* wgsl */ `
  for (var j = 0; j < ${PIXELS}; j++) {
    workgroupBarrier();
    part[local] = T(pixelSum[j]);
    workgroupBarrier();
    ${width > 1 ? `for (var half = ${width / 2}; half >= 1; half /= 2) {
      if (across < half) { part[local] += part[local + u32(half)]; }
      workgroupBarrier();
    }` : ''}
    let row = begin + down + j * ${THREADS / width};
    if (across == 0 && row < params.rows) { dnoise[sample * params.rows + row] = part[local]${lanes === 4 ? '.x' : ''}; }
  }`;

function source(lanes: 1 | 4, width: Width, parts: EpilogueParts): string {
  const [scale, noise, b] = (['scale', 'noise', 'b'] as const).map((name) => parts.includes(name));
  const sums = sumsOf(parts);
  const keep = (variable: string, place: number): string => `${combineRows(variable, width)}
    if (inside && local < ${width}) { sums[((sample * params.chunks + chunk) * ${sums} + ${place}) * params.columns + column] = part[local]; }`;
  return /* wgsl */ `
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({
    inputs: ['dy', 'x', ...parts], outputs: ['dx', ...(sums ? ['sums'] : []), ...(noise ? ['dnoise'] : [])], types: { noise: 'f32', dnoise: 'f32' },
    ints: ['samples', 'rows', 'columns', 'chunks', ...EPILOGUE_INTS], floats: EPILOGUE_FLOATS,
  })}
var<workgroup> part: array<T, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let id = groupIndex(group, groups);
  let chunk = id % params.chunks;
  let sample = id / params.chunks;
  if (sample >= params.samples) { return; }
  let begin = chunk * ${chunkOf(width)};
  let across = i32(local) % ${width};
  let down = i32(local) / ${width};
  var pixelSum: array<f32, ${PIXELS}>;
  for (var first = 0; first < params.columns; first += ${width}) {
    let column = first + across;
    let inside = column < params.columns;
    var product = T(0);
    var sum = T(0);
    for (var j = 0; j < ${PIXELS}; j++) {
      let row = begin + down + j * ${THREADS / width};
      if (inside && row < params.rows) {
        let pixel = sample * params.rows + row;
        let at = pixel * params.columns + column;
        let u = x[at];
        let v = ${styledSum('u', parts)};
        let slope = select(T(params.alpha), T(1), v > T(0)) * params.slope;
        let passes = (abs(v * slope) <= T(params.bound)) | (T(params.bound) < T(0));
        let d = select(T(0), dy[at] * slope, passes);
        dx[at] = d${scale ? ' * scale[sample * params.columns + column]' : ''};
        sum += d;
        product += d * u;
        pixelSum[j] += ${lanes === 4 ? 'dot(d, T(1))' : 'd'};
      }
    }
    ${scale ? keep('product', 0) : ''}
    ${b ? keep('sum', sums - 1) : ''}
  }
  ${noise ? noiseSums(lanes, width) : ''}
}`;
}

const program = (lanes: 1 | 4, width: Width, parts: EpilogueParts): Program =>
  ({ label: `styledActivationGrad${lanes}_${width}_${parts.join('_')}`, code: () => source(lanes, width, parts) });

/** The sums of chunks added up: dscale over those of a sample, db over those of all. */
const merge = (lanes: 1 | 4) => elementwiseProgram('styledMerge', lanes, {
  inputs: ['sums'],
  outputs: ['dscale', 'db'],
  ints: ['samples', 'columns', 'chunks'],
  body: /* wgsl */ `
  let column = i % params.columns;
  let sample = i / params.columns;
  let whole = sample == params.samples;
  var total = T(0);
  for (var k = select(sample, 0, whole) * params.chunks; k < select(sample + 1, params.samples, whole) * params.chunks; k++) {
    total += sums[(2 * k + select(0, 1, whole)) * params.columns + column];
  }
  if (whole) { db[column] = total; } else { dscale[i] = total; }`,
});
const merges = { 1: merge(1), 4: merge(4) } as const;
/** Sums that one invocation of the merger adds up at most. */
const MOST = 256;

/** What is checked when the backend is activated: the layers' programs and the biases'; other sets of parts compile when they are used. */
export const STYLED_ACTIVATION_GRAD_PROGRAMS: readonly Program[] = [
  ...([1, 4] as const).flatMap((lanes) => WIDTHS.flatMap((width) => [program(lanes, width, ['scale', 'noise', 'b']), program(lanes, width, ['b'])])),
  merges[1], merges[4],
];

/** How the gradient of a call is dealt out. */
function planOf({ software }: GpuContext, { x, scale, noise }: EpilogueInputs & { readonly x: TensorInfo }) {
  const C = x.shape[x.shape.length - 1]!;
  const samples = scale || noise ? x.shape[0]! : 1;
  const rows = util.sizeFromShape(x.shape) / C / samples;
  const lanes = C % 4 === 0 && !software ? 4 : 1;
  const columns = C / lanes;
  const width: Width = columns > 4 ? 16 : columns > 1 ? 4 : 1;
  return { C, samples, rows, lanes, columns, width, chunks: Math.ceil(rows / chunkOf(width)) } as const;
}

/** STYLED_ACTIVATION_GRAD, [x, scale, noise, b] of those that there are: one pass over the features, and one over the sums of its chunks. */
export function styledActivationGrad(gpu: GpuContext, { dy, x, ...inputs }: EpilogueInputs & { readonly x: TensorInfo; readonly dy: TensorInfo }, attrs: BiasLreluAttrs): TensorInfo[] {
  const { scale, noise, b } = inputs;
  const { parts, tensors } = partsOf(inputs);
  const plan = planOf(gpu, { x, ...inputs });
  const { C, samples, rows, lanes, columns, width, chunks } = plan;
  const dx = gpu.output(x.shape);
  const sums = sumsOf(parts) ? gpu.output([samples, chunks, sumsOf(parts), C]) : null;
  const perSample = noise && gpu.output([samples, ...noise.shape.slice(1)]);
  gpu.run({
    program: program(lanes, width, parts), inputs: [dy, x, ...tensors], outputs: [dx, ...(sums ? [sums] : []), ...(perSample ? [perSample] : [])],
    ints: [samples, rows, columns, chunks, ...epilogueInts(inputs)], floats: epilogueFloats(attrs), groups: samples * chunks,
  });
  const columnSums = sums ? columnGrads(gpu, sums, { scale, b, plan }) : {};
  const dnoise = perSample && total(gpu, perSample, { out: noise.shape, samples: 1, rows: samples / noise.shape[0]!, columns: rows * noise.shape[0]! });
  return [dx, columnSums.scale, dnoise, columnSums.b].filter((t) => t !== undefined);
}

/** The sums [samples, rows, columns] over rows, by name of what they are afterwards; the parts are freed unless they are it already. */
function total(gpu: GpuContext, parts: TensorInfo, { out, ...size }: { readonly out: readonly number[]; readonly samples: number; readonly rows: number; readonly columns: number }): TensorInfo {
  if (size.rows === 1) return { ...parts, shape: [...out] };
  const result = gpu.output(out);
  sumRows(gpu, parts, result, size);
  gpu.free(parts);
  return result;
}

/** The gradients of scale and bias, of the sums [samples, chunks, 1 or 2, C]. */
function columnGrads(
  gpu: GpuContext, sums: TensorInfo, { scale, b, plan: { C, samples, lanes, columns, chunks } }: Pick<EpilogueInputs, 'scale' | 'b'> & { readonly plan: ReturnType<typeof planOf> },
): { readonly scale?: TensorInfo; readonly b?: TensorInfo } {
  if (!scale) return { b: total(gpu, sums, { out: b!.shape, samples: 1, rows: samples * chunks, columns: C }) };
  if (!b) return { scale: total(gpu, sums, { out: scale.shape, samples, rows: chunks, columns: C }) };
  const few = samples * chunks <= MOST;
  const parts = few ? sums : total(gpu, sums, { out: [samples, 1, 2, C], samples, rows: chunks, columns: 2 * C });
  const grads = { scale: gpu.output(scale.shape), b: gpu.output(b.shape) };
  elementwise(gpu, merges[lanes], {
    lanes, size: (samples + 1) * C, inputs: [parts], outputs: [grads.scale, grads.b], ints: [samples, columns, few ? chunks : 1],
  });
  gpu.free(parts);
  return grads;
}
