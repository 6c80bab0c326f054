import { dispose, engine, keep, type Tensor } from '@tensorflow/tfjs-core';
import { isTensor } from '@spatialgan/core';
import { comparableEntries, comparedOutputs, outputError, type OutputError } from './compare.js';
import { type GoldenCase, loadCase, type Runner, type StoredArray } from './goldenCase.js';

/** Verdict on one case. */
export type CaseResult =
  | { readonly name: string; readonly status: 'skipped'; readonly reason: string }
  | { readonly name: string; readonly status: 'failed'; readonly reason: string; readonly worst?: OutputError }
  | { readonly name: string; readonly status: 'passed'; readonly worst: OutputError };

const shapeOf = (value: Tensor | number | ArrayLike<number>): readonly number[] =>
  typeof value === 'number' ? [] : isTensor(value) ? value.shape : [value.length];

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

async function valuesOf(value: Tensor | number | ArrayLike<number>): Promise<ArrayLike<number>> {
  if (typeof value === 'number') return [value];
  return isTensor(value) ? await value.data() : value;
}

function checkShape(output: string, got: readonly number[], truth: StoredArray): void {
  if (sizeOf(got) !== sizeOf(truth.shape)) {
    throw new Error(`out.${output}: expected shape [${truth.shape}], got [${got}]`);
  }
}

async function errorsOf(golden: GoldenCase, run: Runner): Promise<readonly OutputError[]> {
  const results: Record<string, Tensor | number | ArrayLike<number>> = {};
  // What tidy does, for a runner that may take its time.
  engine().startScope();
  try {
    for (const [name, value] of Object.entries(await run(golden))) results[name] = isTensor(value) ? keep(value.clone()) : value;
  } finally {
    engine().endScope();
  }
  const errors: OutputError[] = [];
  try {
    for (const name of comparedOutputs(golden.meta, Object.keys(golden.outputs))) {
      const got = results[name];
      if (got === undefined) throw new Error(`out.${name}: the runner did not compute it`);
      const truth = golden.outputs[name]!;
      checkShape(name, shapeOf(got), truth);
      errors.push(outputError(golden.meta, name, await valuesOf(got), { truth, comparable: comparableEntries(name, golden.outputs) }));
    }
  } finally {
    for (const value of Object.values(results)) if (isTensor(value)) value.dispose();
  }
  return errors;
}

/** Runs one case with its op's runner and compares every output. A leak of tensors is a failure too. */
export async function runCase(root: string, name: string, runners: Readonly<Record<string, Runner>>): Promise<CaseResult> {
  const golden = loadCase(root, name);
  const run = runners[golden.op];
  const before = engine().state.numTensors;
  try {
    if (!run) return { name, status: 'skipped', reason: `no runner for '${golden.op}'` };
    const errors = await errorsOf(golden, run);
    const leaked = engine().state.numTensors - before;
    const worst = errors.reduce((a, b) => (b.ratio > a.ratio ? b : a));
    if (leaked !== 0) return { name, status: 'failed', reason: `${leaked} tensors leaked`, worst };
    if (worst.ratio > 1) return { name, status: 'failed', reason: 'out of tolerance', worst };
    return { name, status: 'passed', worst };
  } catch (error) {
    return { name, status: 'failed', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    dispose(Object.values(golden.inputs));
  }
}
