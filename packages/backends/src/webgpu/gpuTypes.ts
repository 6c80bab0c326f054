import type { DataId, DataType, TensorInfo } from '@tensorflow/tfjs-core';

// The few parts of WebGPU and of tfjs's backend (4.22.0, the last release; pinned) that the kernels use. TypeScript's DOM
// library has no WebGPU, and most of these members are private in tfjs's types.

/** An opaque object of WebGPU. */
export type GpuObject = object;

/** GPUBuffer. */
export interface GpuBuffer {
  readonly size: number;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
}

/** GPUBufferBinding: a part of a buffer; tfjs binds what it takes for no buffer as it is. */
export interface GpuBinding {
  readonly buffer: GpuBuffer;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
}

/** GPUComputePipeline. */
export interface GpuPipeline {
  getBindGroupLayout(index: number): GpuObject;
}

/** GPUShaderModule. */
export interface GpuShader {
  getCompilationInfo(): Promise<{ readonly messages: readonly { readonly type: string; readonly message: string; readonly lineNum: number }[] }>;
}

interface GpuPass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: GpuObject): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
}

interface PipelineDescriptor {
  readonly label: string;
  readonly layout: 'auto';
  readonly compute: { readonly module: GpuShader; readonly entryPoint: string };
}

/** GPUDevice. */
export interface GpuDevice {
  readonly adapterInfo?: {
    readonly subgroupMinSize?: number;
    readonly subgroupMaxSize?: number;
    /** Dawn's, with its experimental feature. */
    readonly subgroupMatrixConfigs?: Iterable<{ readonly componentType: string; readonly resultComponentType: string; readonly M: number; readonly N: number; readonly K: number }>;
  };
  readonly features: ReadonlySet<string>;
  readonly limits: { readonly maxStorageBufferBindingSize: number; readonly maxStorageBuffersPerShaderStage: number; readonly maxComputeWorkgroupsPerDimension: number };
  readonly queue: { writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBuffer): void };
  createBuffer(descriptor: { size: number; usage: number; mappedAtCreation?: boolean }): GpuBuffer;
  createShaderModule(descriptor: { label: string; code: string }): GpuShader;
  createComputePipeline(descriptor: PipelineDescriptor): GpuPipeline;
  createComputePipelineAsync(descriptor: PipelineDescriptor): Promise<GpuPipeline>;
  createBindGroup(descriptor: { layout: GpuObject; entries: readonly { binding: number; resource: GpuObject }[] }): GpuObject;
  createQuerySet(descriptor: { type: 'timestamp'; count: number }): GpuObject;
  pushErrorScope(filter: 'validation'): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
}

/** GPUAdapter. */
export interface GpuAdapter {
  readonly info?: { readonly vendor?: string; readonly architecture?: string; readonly device?: string; readonly description?: string };
  readonly isFallbackAdapter?: boolean;
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(descriptor: { requiredFeatures: readonly string[]; requiredLimits: Readonly<Record<string, number>> }): Promise<GpuDevice>;
}

/** tfjs's WebGPUBackend. */
export interface TfjsGpuBackend {
  readonly device: GpuDevice;
  /** A resource is the tensor's buffer, or a part of one (arenas.ts). */
  readonly tensorMap: { has(id: DataId): boolean; get(id: DataId): { resource: GpuBuffer | GpuBinding | null; values: unknown } };
  readonly bufferManager: { acquireBuffer(size: number, usage: number): GpuBuffer; releaseBuffer(buffer: GpuBuffer): void };
  readonly uniformPendingDisposal: GpuBuffer[];
  readonly commandQueueOwnedIds: WeakSet<DataId>;
  readonly supportTimestampQuery: boolean;
  activeTimers?: { name: string; query: Promise<number> }[] | null;
  querySet: GpuObject | null;
  computePassEncoder: GpuPass | null;
  commandEncoder: {
    beginComputePass(descriptor?: object): GpuPass;
    copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): void;
  } | null;
  dispatchCountInPass: number;
  makeTensorInfo(shape: readonly number[], dtype: DataType, values?: Float32Array): TensorInfo;
  read(id: DataId): Promise<Float32Array>;
  readSync(id: DataId): unknown;
  readToGPU(id: DataId): unknown;
  getBufferData(resource: GpuBuffer | GpuBinding): Promise<ArrayBuffer>;
  releaseResource(id: DataId): void;
  disposeData(id: DataId): boolean;
  uploadToGPU(id: DataId): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  getQueryTime(): Promise<number>;
}
