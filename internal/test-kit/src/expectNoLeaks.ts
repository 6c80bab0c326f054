import { dispose, memory, type TensorContainer } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Expects that a function leaves nothing behind but what it returns (any nesting of tensors), which is freed. */
export function expectNoLeaks(f: () => unknown): void {
  dispose(f() as TensorContainer); // the first call may register kernels and fill caches
  const before = memory();
  dispose(f() as TensorContainer);
  const after = memory();
  expect(after.numTensors - before.numTensors, 'tensors left behind').toBe(0);
  expect(after.numDataBuffers - before.numDataBuffers, 'buffers left behind').toBe(0);
}
