import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { GpuBinding, GpuBuffer, TfjsGpuBackend } from './gpuTypes.js';

/** Tensors that lie side by side in one buffer, so that one dispatch reads or writes many. */
export interface Arenas {
  /** Uninitialized tensors; those of a group share a buffer, and as many groups as a binding may be large. */
  create(groups: readonly (readonly (readonly number[])[])[]): TensorInfo[][];
  /** Where a tensor lies; null when it has a buffer of its own. */
  sliceOf(tensor: TensorInfo): GpuBinding | null;
}

const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;
/** What WebGPU guarantees to be enough for the start of a binding. */
const ALIGNMENT = 256;
const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const isSlice = (resource: GpuBuffer | GpuBinding | null | undefined): resource is GpuBinding => Boolean(resource) && 'buffer' in resource!;

/** Deals groups out to buffers of at most `limit` bytes, in order. */
function dealOut(sizes: readonly number[], limit: number): number[][] {
  const shares: number[][] = [];
  let left = 0;
  sizes.forEach((size, i) => {
    if (size > left) {
      shares.push([]);
      left = limit;
    }
    shares[shares.length - 1]!.push(i);
    left -= size;
  });
  return shares;
}

/** Counts the tensors of a buffer, and gives it back with the last. */
function createHolders(backend: TfjsGpuBackend) {
  const holders = new Map<GpuBuffer, number>();
  return {
    add: (buffer: GpuBuffer): void => void holders.set(buffer, (holders.get(buffer) ?? 0) + 1),
    drop(buffer: GpuBuffer): void {
      const left = holders.get(buffer)! - 1;
      if (left > 0) return void holders.set(buffer, left);
      holders.delete(buffer);
      backend.bufferManager.releaseBuffer(buffer);
    },
  };
}

/** Copies a slice into a buffer of its own. */
function copyOut(backend: TfjsGpuBackend, { buffer, offset, size }: GpuBinding): GpuBuffer {
  const own = backend.bufferManager.acquireBuffer(size, STORAGE_AND_COPIES);
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder!.copyBufferToBuffer(buffer, offset, own, 0, size);
  return own;
}

/** Teaches tfjs's backend what to do with slices: to free them, and to copy them out before it reads them. Its kernels need not know. */
function teach(backend: TfjsGpuBackend, drop: (buffer: GpuBuffer) => void): void {
  const { releaseResource, getBufferData, readSync, readToGPU } = backend;
  const resourceOf = (id: TensorInfo['dataId']): GpuBuffer | GpuBinding | null => (backend.tensorMap.has(id) ? backend.tensorMap.get(id).resource : null);
  const toOwnBuffer = (id: TensorInfo['dataId']): void => {
    const resource = resourceOf(id);
    if (!isSlice(resource)) return;
    backend.tensorMap.get(id).resource = copyOut(backend, resource);
    backend.submitQueue(); // the copy is made before anybody else gets the buffer
    drop(resource.buffer);
  };
  backend.releaseResource = (id) => {
    const resource = resourceOf(id);
    releaseResource.call(backend, id);
    if (isSlice(resource)) drop(resource.buffer);
  };
  backend.getBufferData = async (resource) => {
    if (!isSlice(resource)) return getBufferData.call(backend, resource);
    const own = copyOut(backend, resource);
    try {
      return await getBufferData.call(backend, own);
    } finally {
      backend.bufferManager.releaseBuffer(own);
    }
  };
  backend.readSync = (id) => {
    toOwnBuffer(id);
    return readSync.call(backend, id);
  };
  backend.readToGPU = (id) => {
    toOwnBuffer(id);
    return readToGPU.call(backend, id);
  };
}

const known = new WeakMap<TfjsGpuBackend, Arenas>();

/** The arenas of a backend of tfjs's. */
export function arenasOf(backend: TfjsGpuBackend): Arenas {
  let arenas = known.get(backend);
  if (!arenas) known.set(backend, arenas = createArenas(backend));
  return arenas;
}

function createArenas(backend: TfjsGpuBackend): Arenas {
  const limit = backend.device.limits.maxStorageBufferBindingSize;
  const { add, drop } = createHolders(backend);
  teach(backend, drop);
  const bytesOf = (shape: readonly number[]): number => util.sizeFromShape([...shape]) * 4;
  const place = (shape: readonly number[], buffer: GpuBuffer, offset: number): TensorInfo => {
    const tensor = backend.makeTensorInfo([...shape], 'float32');
    if (bytesOf(shape) === 0) return tensor;
    backend.tensorMap.get(tensor.dataId).resource = { buffer, offset, size: bytesOf(shape) };
    add(buffer);
    return tensor;
  };
  return {
    sliceOf({ dataId }) {
      const { resource } = backend.tensorMap.get(dataId);
      return isSlice(resource) ? resource : null;
    },
    create(groups) {
      const sizes = groups.map((shapes) => shapes.reduce((sum, shape) => sum + align(bytesOf(shape)), 0));
      return dealOut(sizes, limit).flatMap((share) => {
        const total = share.reduce((sum, i) => sum + sizes[i]!, 0);
        if (total > limit || total === 0) return share.map((i) => groups[i]!.map((shape) => backend.makeTensorInfo([...shape], 'float32')));
        const buffer = backend.bufferManager.acquireBuffer(total, STORAGE_AND_COPIES);
        let offset = 0;
        return share.map((i) => groups[i]!.map((shape) => {
          const tensor = place(shape, buffer, offset);
          offset += align(bytesOf(shape));
          return tensor;
        }));
      });
    },
  };
}
