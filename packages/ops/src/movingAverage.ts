import { add, engine, mul, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { hasKernel } from './fusedOp.js';
import { MOVING_AVERAGE } from './kernelNames.js';

/** now + (average - now)·beta; both of one shape. Not differentiable. */
export function movingAverage<T extends Tensor>(average: T, now: T, beta: number): T {
  if (hasKernel(MOVING_AVERAGE)) return engine().runKernel<T>(MOVING_AVERAGE, { average, now }, { beta });
  return tidy(() => add(now, mul(sub(average, now), beta)) as T);
}
