import { gather, reshape, scatterND, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { type KernelOp, runKernelOp } from './fusedOp.js';
import { GATHER_ROWS, SCATTER_ROWS } from './kernelNames.js';

const gatherOp: KernelOp<{ readonly rows: number }> = {
  kernelName: GATHER_ROWS,
  forward: ({ x, indices }) => gather(x!, indices as Tensor1D),
  gradient: {
    inputsToSave: ['indices'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => runKernelOp(scatterOp, { x: dy as Tensor, indices: saved[0]! }, { rows: attrs['rows'] as number }),
    }),
  },
};

const scatterOp: KernelOp<{ readonly rows: number }> = {
  kernelName: SCATTER_ROWS,
  forward: ({ x, indices }, { rows }) =>
    scatterND(reshape(indices!, [indices!.size, 1]), x!, [rows, x!.shape[1]!]),
  gradient: {
    inputsToSave: ['indices'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => runKernelOp(gatherOp, { x: dy as Tensor, indices: saved[0]! }, { rows: attrs['rows'] as number }),
    }),
  },
};

/** x[indices]: rows of a matrix. Differentiable: any order in x. @param x [R,C]. @param indices int32 [M]. @returns [M,C]. */
export const gatherRows = (x: Tensor2D, indices: Tensor1D): Tensor2D =>
  runKernelOp(gatherOp, { x, indices }, { rows: x.shape[0] });

/** The transpose of {@link gatherRows}: sums rows into `rows` places. Differentiable: any order in x. @param x [M,C]. @returns [rows,C]. */
export const scatterRows = (x: Tensor2D, indices: Tensor1D, rows: number): Tensor2D =>
  runKernelOp(scatterOp, { x, indices }, { rows });
