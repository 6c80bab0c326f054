import { broadcast_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmHeap } from './heap.js';
import { packedBytes, TILE_BYTES } from './conv2d.js';

interface MatMulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Index of each batch entry of a broadcast result in one operand. */
function batchIndices(operand: readonly number[], batch: readonly number[]): number[] {
  const padded = [...Array.from({ length: batch.length - operand.length }, () => 1), ...operand];
  return Array.from({ length: product(batch) }, (_, i) => {
    let rest = i;
    let index = 0;
    let step = 1;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const at = rest % batch[axis]!;
      rest = Math.floor(rest / batch[axis]!);
      if (padded[axis] !== 1) index += at * step;
      step *= padded[axis]!;
    }
    return index;
  });
}

/** Matrix product over the last two axes; the batch axes broadcast. */
export function batchMatMul(heap: WasmHeap, a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: MatMulAttrs): TensorInfo {
  const { kernels } = heap;
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const [aRows, aCols] = a.shape.slice(-2) as [number, number];
  const [bRows, bCols] = b.shape.slice(-2) as [number, number];
  const [M, K, O] = [transposeA ? aCols : aRows, transposeA ? aRows : aCols, transposeB ? bRows : bCols];
  const out = heap.output([...batch, M, O]);
  if (product(out.shape) === 0) return out;
  const [aIndex, bIndex] = [batchIndices(aBatch, batch), batchIndices(bBatch, batch)];
  // One b for many a's without gaps is one tall product.
  const tall = product(bBatch) === 1 && !transposeA && product(aBatch) === product(batch);
  const rows = tall ? M * product(batch) : M;
  const pack = (index: number, to: number): void => {
    const [I, J] = transposeB ? [O, K] : [K, O];
    kernels.packFilter(heap.address(b) + index * K * O * 4, to, 1, 0, 1, 1, 0, 1, 1, I, J, transposeB ? 1 : 0);
  };
  const [packed, xTable, outTable] = heap.prepare([b], [packedBytes(K, O), rows * 4, rows * 4], ([toPacked, toX, toOut]) => {
    kernels.offsetTable(toX!, 1, rows, 0, 0, K * 4);
    kernels.offsetTable(toOut!, 1, rows, 0, 0, O * 4);
    pack(bIndex[0]!, toPacked!);
  }) as [number, number, number];
  const [tile, turned] = heap.scratch(TILE_BYTES, transposeA ? M * K * 4 : 0) as [number, number];
  const [from, to] = [heap.address(a), heap.address(out)];
  const count = tall ? 1 : product(batch);
  // Several matrices share the place: in a plan the first is still there only if nobody packed another over it.
  let [inPacked, inTurned] = [product(bBatch) === 1 ? bIndex[0]! : -1, -1];
  for (let i = 0; i < count; i++) {
    if (inPacked !== bIndex[i]) pack((inPacked = bIndex[i]!), packed);
    let left = from + aIndex[i]! * M * K * 4;
    if (transposeA) {
      if (inTurned !== aIndex[i]) kernels.transpose2d(left, turned, K, M);
      inTurned = aIndex[i]!;
      left = turned;
    }
    kernels.windowProduct(left, xTable, to + i * M * O * 4, outTable, rows, 1, K * 4, K, packed, O, tile);
  }
  return out;
}
