import { type Tensor2D, type Tensor4D, tensor2d, tensor4d } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { type EpochOrder, epochOrder } from './epochOrder.js';
import { type ImageDataset } from './imageDataset.js';
import { writeNormalized } from './pixels.js';

/** Where a stream stands; plain JSON. */
export interface BatchCursor {
  readonly seed: number;
  readonly length: number;
  readonly epoch: number;
  /** Images of this epoch that were handed out. */
  readonly position: number;
}

export interface BatchStreamOptions {
  /** Images a batch. */
  readonly batch: number;
  readonly seed: number;
  /** Flip a random half of the images left-right; false by default. */
  readonly mirror?: boolean;
  /** Go on from here instead of from the start. */
  readonly cursor?: BatchCursor;
}

export interface Batch {
  /** [batch, resolution, resolution, 3] in [-1, 1]. */
  readonly images: Tensor4D;
  /** [batch, cDim], when the data has labels. */
  readonly labels?: Tensor2D;
}

export interface BatchStream {
  /** The next batch; the caller owns its tensors. Calls are answered in order. */
  next(): Promise<Batch>;
  /** Where the stream stands after the batches handed out so far (read-ahead does not count). */
  readonly cursor: BatchCursor;
  /** Ends the stream; idempotent. The data set stays the caller's. */
  dispose(): void;
}

interface Loaded {
  readonly pixels: Float32Array;
  readonly labels: Float32Array | undefined;
  readonly after: BatchCursor;
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;

function startOf(dataset: ImageDataset, { batch, seed, cursor }: BatchStreamOptions): BatchCursor {
  if (!isCount(batch) || batch < 1) {
    throw new SpatialGANError('CONFIG', `batchStream: expected a positive integer batch, got ${batch}`);
  }
  if (!cursor) return { seed, length: dataset.length, epoch: 0, position: 0 };
  if (cursor.seed !== seed || cursor.length !== dataset.length) {
    throw new SpatialGANError(
      'DATA',
      `batchStream: the cursor was made with seed ${cursor.seed} over ${cursor.length} images, got seed ${seed} over ` +
        `${dataset.length}; give the same data and seed, or start without a cursor`,
    );
  }
  if (!isCount(cursor.epoch) || !isCount(cursor.position) || cursor.position > cursor.length) {
    throw new SpatialGANError('DATA', `batchStream: the cursor is damaged: ${JSON.stringify(cursor)}; start without it`);
  }
  const { epoch, position } = cursor;
  return { seed, length: dataset.length, epoch, position };
}

/** Loads batches one after the other, remembering the order of the epoch it is in. */
function batchLoader(dataset: ImageDataset, options: BatchStreamOptions): (from: BatchCursor) => Promise<Loaded> {
  const { batch, seed, mirror = false } = options;
  const { resolution, length, cDim } = dataset;
  const size = resolution * resolution * 3;
  let known: { readonly epoch: number; readonly order: EpochOrder } | undefined;
  const orderOf = (epoch: number): EpochOrder => {
    if (known?.epoch !== epoch) known = { epoch, order: epochOrder(length, { seed, epoch }) };
    return known.order;
  };
  const pick = (from: BatchCursor): { items: { index: number; mirrored: boolean }[]; after: BatchCursor } => {
    let { epoch, position } = from;
    const items = [];
    while (items.length < batch) {
      if (position === length) [epoch, position] = [epoch + 1, 0];
      const { indices, mirrored } = orderOf(epoch);
      items.push({ index: indices[position]!, mirrored: mirror && mirrored[position] === 1 });
      position++;
    }
    return { items, after: { seed, length, epoch, position } };
  };
  return async (from) => {
    const { items, after } = pick(from);
    const pixels = new Float32Array(batch * size);
    const labels = cDim > 0 && dataset.label ? new Float32Array(batch * cDim) : undefined;
    const fill = async ({ index, mirrored }: (typeof items)[number], slot: number): Promise<void> => {
      const bytes = await dataset.image(index);
      if (bytes.length !== size) {
        throw new SpatialGANError('DATA', `batchStream: image ${index} of ${dataset.name}: expected ${size} bytes, got ${bytes.length}`);
      }
      writeNormalized(bytes, pixels.subarray(slot * size, (slot + 1) * size), { side: resolution, mirrored });
      if (labels) labels.set(dataset.label!(index), slot * cDim);
    };
    await Promise.all(items.map(fill));
    return { pixels, labels, after };
  };
}

/**
 * Endless shuffled batches of a data set, read one batch ahead.
 *
 * Every epoch visits each image once, in an order that follows from the seed and the epoch's number; a batch may
 * span two epochs. A stream made with the same data, options and cursor goes on exactly.
 *
 * @throws SpatialGANError 'CONFIG' for a bad batch size; 'DATA' when the cursor belongs to other data.
 */
export function batchStream(dataset: ImageDataset, options: BatchStreamOptions): BatchStream {
  const load = batchLoader(dataset, options);
  const { resolution, cDim } = dataset;
  let cursor = startOf(dataset, options);
  let disposed = false;
  let ahead: Promise<Loaded> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const readAhead = (from: BatchCursor): Promise<Loaded> => {
    const loading = load(from);
    loading.catch(() => {});
    return loading;
  };
  const assertOpen = (): void => {
    if (disposed) throw new SpatialGANError('DISPOSED', 'batchStream: next() after dispose()');
  };
  const take = async (): Promise<Batch> => {
    assertOpen();
    const loading = ahead ?? readAhead(cursor);
    ahead = undefined;
    const { pixels, labels, after } = await loading;
    assertOpen();
    cursor = after;
    ahead = readAhead(after);
    const images = tensor4d(pixels, [options.batch, resolution, resolution, 3]);
    return labels ? { images, labels: tensor2d(labels, [options.batch, cDim]) } : { images };
  };
  return {
    next() {
      const batch = last.then(take);
      last = batch.catch(() => {});
      return batch;
    },
    get cursor() {
      return cursor;
    },
    dispose() {
      disposed = true;
      ahead = undefined;
    },
  };
}
