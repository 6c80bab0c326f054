import { add, dispose, mul, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import { array64, type Array64, randomArray, sizeOf, toTensor } from './array64.js';

/** An op on the active backend and the same function in double precision. */
export interface GradCase {
  readonly inputs: readonly Array64[];
  readonly run: (...inputs: any[]) => Tensor;
  readonly reference: (...inputs: any[]) => Array64;
  /** How many leading inputs are differentiated; default all. */
  readonly differentiable?: number;
  /** Step of the second differences; smaller where the function bends sharply. Default 5e-4. */
  readonly step?: number;
}

/** Worst errors, each relative to the largest entry of its tensor. */
export interface GradErrors {
  readonly value: number;
  /** Of the vector-Jacobian product. */
  readonly first?: number;
  /** Of the gradient of ⟨vector-Jacobian product, v⟩ with respect to the inputs and the cotangent. */
  readonly second?: number;
}

const STEP = 1e-4;
// Second differences divide by the square of the step: a larger one keeps the rounding below 1e-9.
const SECOND_STEP = 5e-4;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
};

const largest = (a: ArrayLike<number>): number => Array.from(a).reduce((m, v) => Math.max(m, Math.abs(v)), 0);

/** Worst |got - want| over its tensor's largest entry; a tensor that is zero is measured against 1 % of the largest of all. */
export function worstError(got: readonly ArrayLike<number>[], want: readonly ArrayLike<number>[]): number {
  const floor = Math.max(...want.map(largest)) * 0.01 || 1;
  return want.reduce((worst, truth, k) => {
    const scale = Math.max(largest(truth), floor);
    const error = largest(Array.from(truth, (v, i) => got[k]![i]! - v));
    return Math.max(worst, Number.isFinite(error) ? error / scale : Infinity);
  }, 0);
}

/** x + Σ step·direction, one array per input. */
const moved = (inputs: readonly Array64[], by: (k: number, i: number) => number): Array64[] =>
  inputs.map(({ shape, data }, k) => array64(shape, data.map((v, i) => v + by(k, i))));

/** The products of first and second order by central differences in double precision. */
function differences({ inputs, reference, step = SECOND_STEP, differentiable = inputs.length }: GradCase, dy: Array64, vs: readonly Array64[]) {
  const phi = (by: (k: number, i: number) => number): number => dot(reference(...moved(inputs, by)).data, dy.data);
  const along = (k: number, i: number, a: number, b: number) => (m: number, j: number): number =>
    (m === k && j === i ? a : 0) + (m < differentiable ? b * vs[m]!.data[j]! : 0);
  const each = (f: (k: number, i: number) => number): Float64Array[] =>
    inputs.slice(0, differentiable).map(({ data }, k) => data.map((_, i) => f(k, i)));
  const h = STEP;
  const g = step;
  return {
    first: () => each((k, i) => (phi(along(k, i, h, 0)) - phi(along(k, i, -h, 0))) / (2 * h)),
    second: () => [
      ...each((k, i) =>
        (phi(along(k, i, g, g)) - phi(along(k, i, g, -g)) - phi(along(k, i, -g, g)) + phi(along(k, i, -g, -g))) / (4 * g * g)),
      directional(inputs, reference, (b) => along(-1, 0, 0, b)),
    ],
  };
}

function directional(inputs: readonly Array64[], reference: GradCase['reference'], along: (b: number) => (k: number, i: number) => number): Float64Array {
  const [ahead, behind] = [reference(...moved(inputs, along(STEP))).data, reference(...moved(inputs, along(-STEP))).data];
  return ahead.map((v, i) => (v - behind[i]!) / (2 * STEP));
}

const read = async (tensors: readonly Tensor[]): Promise<ArrayLike<number>[]> => {
  const values: ArrayLike<number>[] = [];
  for (const t of tensors) values.push(await t.data());
  dispose([...tensors]);
  return values;
};

/** Measures an op against its double-precision reference up to an order of differentiation. */
export async function gradErrors(test: GradCase, order: 0 | 1 | 2 = 2): Promise<GradErrors> {
  const { inputs, run, reference, differentiable = inputs.length } = test;
  const truth = reference(...inputs);
  const dy = randomArray(truth.shape, { label: 'dy' });
  const vs = inputs.slice(0, differentiable).map(({ shape }, k) => randomArray(shape, { label: `v${k}` }));
  const xs = inputs.map((x) => toTensor(x));
  const [cotangent, directions] = [toTensor(dy), vs.map((v) => toTensor(v))];
  try {
    const product = (): readonly Tensor[] => vjp(() => run(...xs), xs.slice(0, differentiable), cotangent).grads;
    const along = (): Tensor => product().map((g, k) => sum(mul(g, directions[k]!))).reduce((a, b) => add(a, b));
    const value = worstError(await read([tidy(() => run(...xs))]), [truth.data]);
    if (order === 0 || sizeOf(truth.shape) === 0) return { value };
    const exact = differences(test, dy, vs);
    const first = worstError(await read(tidy(() => [...product()])), exact.first());
    if (order === 1) return { value, first };
    const grads = tidy(() => [...vjp(along, [...xs.slice(0, differentiable), cotangent]).grads]);
    return { value, first, second: worstError(await read(grads), exact.second()) };
  } finally {
    dispose([...xs, cotangent, ...directions]);
  }
}
