import {
  batchToSpaceND, cast, clone, concat, type GradConfig, logicalNot, mul, type NamedAttrMap, pad, reshape, reverse, slice, spaceToBatchND, split, stack, sum,
  type Tensor, type Tensor1D, type Tensor2D, transpose, unstack, util, zeros,
} from '@tensorflow/tfjs-core';
import { scatterRows } from '../rows.js';
import { type Gradient, gradient } from './gradient.js';

const axisOf = (attrs: NamedAttrMap, shape: number[]): number => util.parseAxisParam(attrs['axis'] as number, shape)[0]!;

/** Kernels over a list of tensors: their gradients are named by position. */
const list = (kernelName: string, grads: (dy: Tensor, saved: Tensor[], axis: number) => Tensor[]): GradConfig => ({
  kernelName,
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const parts = grads(dy as Tensor, saved, axisOf(attrs, (dy as Tensor).shape));
    return Object.fromEntries(parts.map((part, i) => [String(i), () => clone(part)]));
  },
});

/** The sum over the copies that tile made, one axis at a time so that the rank stays low. */
function untile(dy: Tensor, shape: readonly number[], reps: readonly number[]): Tensor {
  let out = dy;
  const size = [...dy.shape];
  reps.forEach((rep, axis) => {
    if (rep === 1) return;
    const before = size.slice(0, axis).reduce((a, b) => a * b, 1);
    const after = size.slice(axis + 1).reduce((a, b) => a * b, 1);
    out = sum(reshape(out, [before, rep, shape[axis]! * after]), 1);
    size[axis] = shape[axis]!;
  });
  return reshape(out, [...shape]);
}

/** Gradient of gather along an axis: rows are scattered back. Only batchDims 0. */
function ungather(dy: Tensor, x: Tensor, { indices, axis }: { readonly indices: Tensor; readonly axis: number }): Tensor {
  const count = x.shape[axis]!;
  const before = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const after = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const values = transpose(reshape(dy, [before, indices.size, after]), [1, 0, 2]);
  const rows = scatterRows(reshape(values, [indices.size, before * after]) as Tensor2D, reshape(indices, [indices.size]) as Tensor1D, count);
  return reshape(transpose(reshape(rows, [count, before, after]), [1, 0, 2]), x.shape);
}

const cropTo: Gradient = (dy, [x], attrs) =>
  slice(dy, (attrs['paddings'] as unknown as [number, number][]).map((p) => p[0]), x!.shape);

/** Gradients of the kernels that move entries about. */
export const structuralGradients: readonly GradConfig[] = /* @__PURE__ */ (() => [
  gradient('Identity', [], { x: (dy) => clone(dy) }),
  gradient('Cast', [], { x: (dy) => cast(clone(dy), 'float32') }),
  gradient('Reshape', ['x'], { x: (dy, [x]) => reshape(dy, x!.shape) }),
  gradient('ExpandDims', ['input'], { input: (dy, [x]) => reshape(dy, x!.shape) }),
  gradient('Transpose', [], {
    x: (dy, _, attrs) => {
      const perm = attrs['perm'] as number[];
      return transpose(dy, perm.map((_axis, i) => perm.indexOf(i)));
    },
  }),
  gradient('Reverse', [], { x: (dy, _, attrs) => reverse(dy, attrs['dims'] as number[]) }),
  gradient('Slice', ['x'], {
    x: (dy, [x], attrs) => {
      const begin = attrs['begin'] as number[];
      return pad(dy, dy.shape.map((size, i): [number, number] => [begin[i] ?? 0, x!.shape[i]! - (begin[i] ?? 0) - size]));
    },
  }),
  gradient('PadV2', ['x'], { x: cropTo }),
  gradient('Tile', ['x'], { x: (dy, [x], attrs) => untile(dy, x!.shape, attrs['reps'] as number[]) }),
  list('Concat', (dy, saved, axis) => split(dy, saved.map((t) => t.shape[axis]!), axis)),
  list('Pack', (dy, _, axis) => unstack(dy, axis)),
  { kernelName: 'SplitV', gradFunc: (dy, _, attrs) => ({ x: () => concat(Array.isArray(dy) ? dy : [dy], attrs['axis'] as number) }) },
  { kernelName: 'Unpack', gradFunc: (dy, _, attrs) => ({ value: () => stack(Array.isArray(dy) ? dy : [dy], attrs['axis'] as number) }) },
  gradient('GatherV2', ['x', 'indices'], {
    x: (dy, [x, indices], attrs) => ungather(dy, x!, { indices: indices!, axis: axisOf(attrs, x!.shape) }),
    indices: (_, [, indices]) => zeros(indices!.shape),
  }),
  gradient('Select', ['condition'], {
    condition: (_, [condition]) => zeros(condition!.shape),
    t: (dy, [condition]) => mul(dy, cast(condition!, 'float32')),
    e: (dy, [condition]) => mul(dy, cast(logicalNot(condition!), 'float32')),
  }),
  gradient('OneHot', ['indices'], { indices: (_, [indices]) => zeros(indices!.shape) }),
  gradient('SpaceToBatchND', [], {
    x: (dy, _, attrs) => batchToSpaceND(dy, attrs['blockShape'] as number[], attrs['paddings'] as unknown as number[][]),
  }),
  gradient('BatchToSpaceND', [], {
    x: (dy, _, attrs) => spaceToBatchND(dy, attrs['blockShape'] as number[], attrs['crops'] as unknown as number[][]),
  }),
  {
    kernelName: 'AddN',
    saveAllInputs: true,
    gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, i) => [String(i), () => clone(dy as Tensor)])),
  },
])();
