import { tensor2d, type Tensor2D, tensor4d, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Communicator, TrainingSnapshot } from '@spatialgan/core';
import type { TrainingBatch } from './trainStep.js';

const HEADER = 8;
const bytesOf = (values: Float32Array | Float64Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Hands rank 0's batch, or word that there is none, to the others. */
export async function sendBatch(communicator: Communicator, batch: TrainingBatch | null): Promise<void> {
  const shape = batch ? [1, ...batch.images.shape, batch.labels?.shape[1] ?? 0] : [0];
  const header = new Float64Array(HEADER);
  header.set(shape);
  await communicator.broadcast(bytesOf(header));
  if (!batch) return;
  await communicator.broadcast(bytesOf(await batch.images.data<'float32'>()));
  if (batch.labels) await communicator.broadcast(bytesOf(await batch.labels.data<'float32'>()));
}

/** What rank 0 sent; null when the run ends. The caller owns the tensors. */
export async function receiveBatch(communicator: Communicator): Promise<TrainingBatch | null> {
  const header = new Float64Array(HEADER);
  await communicator.broadcast(bytesOf(header));
  const [goesOn, N, H, W, C, cDim] = header as unknown as [number, number, number, number, number, number];
  if (goesOn === 0) return null;
  const receive = async (size: number): Promise<Float32Array> => {
    const values = new Float32Array(size);
    await communicator.broadcast(bytesOf(values));
    return values;
  };
  const pixels = await receive(N * H * W * C);
  const labels = cDim > 0 ? await receive(N * cDim) : undefined;
  const images: Tensor4D = tensor4d(pixels, [N, H, W, C]);
  return labels ? { images, labels: tensor2d(labels, [N, cDim]) as Tensor2D } : { images };
}

/**
 * Rank 0's snapshot, on every rank; the ranks' snapshots have the same groups and shapes.
 *
 * What only rank 0 keeps (plugins, the data's cursor) stays there.
 */
export async function shareSnapshot(communicator: Communicator, own: TrainingSnapshot): Promise<TrainingSnapshot> {
  const { cursor: _, plugins: __, ...counters } = own.state as TrainingSnapshot['state'] & { readonly plugins?: unknown };
  const text = new TextEncoder().encode(JSON.stringify(counters));
  const length = new Float64Array([text.length]);
  await communicator.broadcast(bytesOf(length));
  const state = new Uint8Array(length[0]!);
  if (communicator.rank === 0) state.set(text);
  await communicator.broadcast(state);
  const groups = Object.entries(own.groups).filter(([name]) => !name.startsWith('plugin.'));
  for (const [, group] of groups) for (const { data } of group.values()) await communicator.broadcast(bytesOf(data));
  if (communicator.rank === 0) return own;
  return { groups: Object.fromEntries(groups), state: JSON.parse(new TextDecoder().decode(state)) as TrainingSnapshot['state'] };
}
