import { add, engine, mul, type NamedTensorMap, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { hasKernel } from './fusedOp.js';
import { MOVING_AVERAGE, MOVING_AVERAGES } from './kernelNames.js';

/** now + (average - now)·beta; both of one shape. Not differentiable. */
export function movingAverage<T extends Tensor>(average: T, now: T, beta: number): T {
  if (hasKernel(MOVING_AVERAGE)) return engine().runKernel<T>(MOVING_AVERAGE, { average, now }, { beta });
  return tidy(() => add(now, mul(sub(average, now), beta)) as T);
}

/** {@link movingAverage} of many pairs [average, now]: one kernel call where the backend has it. Not differentiable. */
export function movingAverages(pairs: readonly (readonly [average: Tensor, now: Tensor])[], beta: number): Tensor[] {
  if (pairs.length === 0 || !hasKernel(MOVING_AVERAGES)) return pairs.map(([average, now]) => movingAverage(average, now, beta));
  return engine().runKernel<Tensor[]>(MOVING_AVERAGES, pairs.flat() as unknown as NamedTensorMap, { beta });
}
