import { getKernel, type KernelConfig, type NamedAttrMap, type TensorInfo, unregisterKernel, util } from '@tensorflow/tfjs-core';
import { isSpatialGANError, type SpatialGANError } from '@spatialgan/core';
import { replaceKernel } from '@spatialgan/ops';
import { chooseArithmetic, type ConvolutionPrecision } from './chooseArithmetic.js';
import { createGpuContext, type GpuContext } from './context.js';
import { type GpuKernel, type KernelInputs, OPS, STOCK } from './gpuKernels.js';
import type { TfjsGpuBackend } from './gpuTypes.js';

const backendName = 'webgpu';
/** The context of each of tfjs's backends: a new device brings a new one. */
const contexts = new WeakMap<object, GpuContext>();
/** tfjs's kernels in whose place ours stand. */
const replaced = new Map<string, KernelConfig>();

/** A backend that tfjs has made anew by itself gets a context at its first kernel. */
function contextOf(backend: unknown): GpuContext {
  let gpu = contexts.get(backend as object);
  if (!gpu) contexts.set(backend as object, gpu = createGpuContext(backend as TfjsGpuBackend, { software: false, arithmetic: 'float32' }));
  return gpu;
}

const isEmpty = (tensor: TensorInfo | null | undefined): boolean => Boolean(tensor) && util.sizeFromShape(tensor!.shape) === 0;

function register(kernelName: string, { run }: GpuKernel): void {
  if (kernelName in STOCK) replaced.set(kernelName, getKernel(kernelName, backendName)!);
  const stock = replaced.get(kernelName);
  const kernelFunc: KernelConfig['kernelFunc'] = (call) => {
    const inputs = call.inputs as KernelInputs;
    const ours = stock && Object.values(inputs).some(isEmpty) ? null : run(contextOf(call.backend), inputs, call.attrs as NamedAttrMap as never);
    return ours ?? stock!.kernelFunc(call);
  };
  replaceKernel({ kernelName, backendName, kernelFunc });
}

/** Settings of {@link registerGpuKernels}. */
export interface GpuKernelOptions {
  /** The adapter computes on the CPU: small programs. */
  readonly software: boolean;
  /** Compile in the background what is likely to be used. Default true but on software adapters, which would only be kept busy. */
  readonly warm?: boolean;
  /** Default 'float32'. */
  readonly convolutions?: ConvolutionPrecision;
  /** Told of each kernel that does not compile; its op then keeps the plain form. */
  readonly onKernelError: (error: SpatialGANError) => void;
}

/** Puts our kernels in place on tfjs's webgpu backend, but for those that the device's compiler refuses. */
export async function registerGpuKernels(backend: TfjsGpuBackend, options: GpuKernelOptions): Promise<void> {
  const { software, warm = !software, convolutions = 'float32', onKernelError } = options;
  const arithmetic = await chooseArithmetic(backend, convolutions, onKernelError);
  const known = contexts.get(backend);
  const gpu = known?.software === software && known.arithmetic === arithmetic ? known : createGpuContext(backend, { software, arithmetic });
  contexts.set(backend, gpu);
  removeGpuKernels();
  const told = new Set<unknown>(); // a program that several kernels use is reported once
  const unless = (work: Promise<void>, refuse: () => void): Promise<boolean> => work.then(() => true, (error: unknown) => {
    if (!isSpatialGANError(error)) throw error;
    refuse();
    if (!told.has(error)) onKernelError(error);
    told.add(error);
    return false;
  });
  await Promise.all(Object.entries({ ...OPS, ...STOCK }).map(async ([name, kernel]) => {
    const programs = kernel.programs(gpu);
    if (!(await unless(gpu.check(programs), () => undefined))) return;
    register(name, kernel);
    if (warm) void unless(gpu.warm(programs), () => remove(name));
  }));
}

/** Gives an op back to its plain form, or to tfjs's kernel. */
function remove(name: string): void {
  const stock = replaced.get(name);
  if (stock) replaceKernel(stock);
  else if (name in OPS && getKernel(name, backendName)) unregisterKernel(name, backendName);
  replaced.delete(name);
}

/** Leaves every op to its plain form and to tfjs's kernels. */
export function removeGpuKernels(): void {
  for (const name of Object.keys({ ...OPS, ...STOCK })) remove(name);
}
