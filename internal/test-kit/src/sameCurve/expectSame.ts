import { wasm } from '@spatialgan/backends/wasm';
import type { Backend } from '@spatialgan/core';
import { expect } from 'vitest';
import { type Curve, curveDifference } from '../curveDifference.js';
import { trainCurve } from './trainCurve.js';

// 20 steps of training, G and D, alignment and R1, must give the same losses wherever they run. Rounding differs; where
// it tips a ReLU or a truncated distance the other way, the curves part by that much, and grow apart from there.
export const STEPS = 20;
const TOLERANCE = 1e-3;
export const LIMIT = 600_000;

export async function curveOn(backend: Backend): Promise<Curve> {
  await backend.activate();
  return trainCurve(STEPS);
}

/** What every other curve is compared with. */
export const onWasm = (): Promise<Curve> => curveOn(wasm());

export function expectSame(name: string, curve: Curve, expected: Curve): void {
  const { worst, where } = curveDifference(expected, curve);
  console.log(`${name}: at most ${worst.toExponential(1)} from wasm in Node (${where})`);
  expect(curve).toHaveLength(STEPS);
  expect(worst, where).toBeLessThanOrEqual(TOLERANCE);
}
