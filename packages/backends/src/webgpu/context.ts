import { env, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { type Arenas, arenasOf } from './arenas.js';
import type { Arithmetic } from './convArithmetic.js';
import { createPipelines, type Program } from './pipelines.js';
import type { GpuBuffer, GpuObject, TfjsGpuBackend } from './gpuTypes.js';
import { foldGroups } from './grid.js';

/** A tensor, or a whole buffer. */
export type Bound = TensorInfo | { readonly buffer: GpuBuffer };

const isTensor = (bound: Bound): bound is TensorInfo => 'dataId' in bound;

/** One call of a program. */
export interface Dispatch {
  readonly program: Program;
  /** Bound read-only from binding 0 on; whole buffers of arenas too. */
  readonly inputs: readonly Bound[];
  /** Bound after the inputs; the uniforms come last. */
  readonly outputs: readonly Bound[];
  /** The tensors that are meant where a whole buffer is bound. */
  readonly within?: readonly TensorInfo[];
  /** The first members of the program's `Params`, i32. */
  readonly ints: readonly number[];
  /** The members after them, f32. */
  readonly floats?: readonly number[];
  /** How many workgroups; they are folded into a grid that the device allows. */
  readonly groups: number;
  /** The parameters change from call to call: they are written anew instead of being kept. Default false. */
  readonly changing?: boolean;
}

/** What kernels compute with: one for each device. */
export interface GpuContext {
  /** The adapter computes on the CPU: smaller programs, fewer passes. */
  readonly software: boolean;
  /** How convolutions multiply. */
  readonly arithmetic: Arithmetic;
  /** The device compiles subgroup operations. */
  readonly subgroups: boolean;
  /** Storage buffers that a program may bind. */
  readonly storageBuffers: number;
  /** Tensors side by side in one buffer. */
  readonly arenas: Arenas;
  /** An uninitialized tensor. */
  output(shape: readonly number[]): TensorInfo;
  run(dispatch: Dispatch): void;
  /** Frees what a kernel made on its way; the memory is reused when the queue is through with it. */
  free(tensor: TensorInfo): void;
  /** Looks for errors in programs. @throws SpatialGANError 'BACKEND_UNSUPPORTED' with the compiler's message. */
  check(programs: readonly Program[]): Promise<void>;
  /** Compiles programs before they are used. @throws SpatialGANError 'BACKEND_UNSUPPORTED' with the driver's message. */
  warm(programs: readonly Program[]): Promise<void>;
}

const UNIFORM = 64;
const COPY_DST = 8;
/** Distinct sets of parameters that are kept on the device; shapes and settings repeat from step to step. */
const KEPT = 4096;

/** Ints, then floats, four bytes each, padded to 16. */
function packParams(ints: readonly number[], floats: readonly number[]): ArrayBuffer {
  const buffer = new ArrayBuffer(Math.ceil((ints.length + floats.length) / 4) * 16);
  new Int32Array(buffer).set(ints);
  new Float32Array(buffer, ints.length * 4).set(floats);
  return buffer;
}

function createUniforms(backend: TfjsGpuBackend): (dispatch: Dispatch) => GpuBuffer {
  const kept = new Map<string, GpuBuffer>();
  return ({ ints, floats = [], changing = false }) => {
    if (changing) {
      const data = packParams(ints, floats);
      const buffer = backend.bufferManager.acquireBuffer(data.byteLength, COPY_DST | UNIFORM);
      backend.device.queue.writeBuffer(buffer, 0, data);
      backend.uniformPendingDisposal.push(buffer);
      return buffer;
    }
    const key = `${ints.join()}|${floats.join()}`;
    const known = kept.get(key);
    if (known) return known;
    const data = packParams(ints, floats);
    const buffer = backend.device.createBuffer({ size: data.byteLength, usage: UNIFORM, mappedAtCreation: true });
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data));
    buffer.unmap();
    if (kept.size >= KEPT) kept.clear(); // not destroyed: commands that are not submitted yet may read them
    kept.set(key, buffer);
    return buffer;
  };
}

/** Puts a dispatch into tfjs's own command encoder, so that it runs in order with tfjs's kernels. */
function record(backend: TfjsGpuBackend, label: string, begin: (pass: NonNullable<TfjsGpuBackend['computePassEncoder']>) => void): void {
  const timed = backend.activeTimers != null;
  backend.ensureCommandEncoderReady();
  if (timed && backend.supportTimestampQuery) {
    backend.endComputePassEncoder();
    backend.querySet ??= backend.device.createQuerySet({ type: 'timestamp', count: 2 });
    const timestampWrites = { querySet: backend.querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    backend.computePassEncoder = backend.commandEncoder!.beginComputePass({ timestampWrites });
  }
  backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
  begin(backend.computePassEncoder);
  backend.dispatchCountInPass++;
  if (!timed && backend.dispatchCountInPass < env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) return;
  backend.endComputePassEncoder();
  if (timed) backend.activeTimers!.push({ name: label, query: backend.getQueryTime() });
  else backend.submitQueue();
}

const isEmpty = (bound: Bound): boolean => isTensor(bound) && util.sizeFromShape(bound.shape) === 0;

/** The context of a device of tfjs's. */
export function createGpuContext(backend: TfjsGpuBackend, { software, arithmetic }: Pick<GpuContext, 'software' | 'arithmetic'>): GpuContext {
  const { device } = backend;
  const { maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage, maxComputeWorkgroupsPerDimension } = device.limits;
  const pipelines = createPipelines(device);
  const uniforms = createUniforms(backend);
  const bind = (bound: Bound, program: Program): GpuObject => {
    if (!isTensor(bound)) return bound;
    backend.uploadToGPU(bound.dataId);
    const resource = backend.tensorMap.get(bound.dataId).resource!;
    if (resource.size <= maxStorageBufferBindingSize) return 'buffer' in resource ? resource : { buffer: resource };
    throw new SpatialGANError('BACKEND_UNSUPPORTED',
      `webgpu: ${program.label}: expected tensors of at most ${maxStorageBufferBindingSize} bytes, the device's limit, got ${resource.size}; use a smaller batch`);
  };
  return {
    software,
    arithmetic,
    subgroups: device.features.has('subgroups'),
    storageBuffers: maxStorageBuffersPerShaderStage,
    arenas: arenasOf(backend),
    output: (shape) => backend.makeTensorInfo([...shape], 'float32'),
    free: ({ dataId }) => void backend.disposeData(dataId),
    check: pipelines.check,
    warm: pipelines.warm,
    run(dispatch) {
      const { program, inputs, outputs, within = [], groups } = dispatch;
      if ([...inputs, ...outputs].some(isEmpty)) {
        // Nothing to compute with: what is left of a result are zeros (sums over nothing).
        for (const { dataId, shape } of outputs.filter(isTensor)) backend.tensorMap.get(dataId).values = new Float32Array(util.sizeFromShape(shape));
        return;
      }
      const { pipeline, layout } = pipelines.get(program);
      const buffers: GpuObject[] = [...outputs, ...inputs].map((tensor) => bind(tensor, program));
      const ordered = [...buffers.slice(outputs.length), ...buffers.slice(0, outputs.length), { buffer: uniforms(dispatch) }];
      const group = device.createBindGroup({
        layout, entries: ordered.map((resource, binding) => ({ binding, resource })),
      });
      for (const { dataId } of [...inputs, ...outputs, ...within].filter(isTensor)) backend.commandQueueOwnedIds.add(dataId);
      record(backend, program.label, (pass) => {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...foldGroups(groups, maxComputeWorkgroupsPerDimension));
      });
    },
  };
}
