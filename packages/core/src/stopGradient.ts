import { engine, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The same values as a constant: no gradient flows through the result. Shares memory with `x`.
 * The caller owns the result.
 */
export function stopGradient<T extends Tensor>(x: T): T {
  const { backend } = engine();
  backend.incRef(x.dataId);
  return engine().makeTensorFromDataId(x.dataId, x.shape, x.dtype, backend) as T;
}
