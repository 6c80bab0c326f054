import type { TensorInfo } from '@tensorflow/tfjs-core';
import { createRng, SpatialGANError } from '@spatialgan/core';
import { createGpuContext } from './context.js';
import { type Arithmetic, MATRIX_SUBGROUP, MATRIX_TILE, type MatrixShape } from './convArithmetic.js';
import { conv2dFilterGrad } from './convFilterGrad.js';
import { conv2dForward, conv2dInputGrad } from './convGather.js';
import { MATRIX_FEATURE } from './device.js';
import type { GpuDevice, TfjsGpuBackend } from './gpuTypes.js';

/** What a program may ask for: {@link Arithmetic}, the matrix shape left to the device. */
export type ConvolutionPrecision = 'float32' | 'float16' | 'matrix';

/** Rounding factors to 11 bits gives about 5e-4 of the largest result. */
const TOLERANCE = 5e-3;

const refuse = (what: string, why: string): SpatialGANError =>
  new SpatialGANError('BACKEND_UNSUPPORTED', `webgpu: convolutions in ${what}: ${why}; they compute in float32`);

/** The shape of matrices that a device offers and that fits our tile, or why there is none. */
export function matrixShape({ features, adapterInfo }: Pick<GpuDevice, 'features' | 'adapterInfo'>): MatrixShape | string {
  const missing = [MATRIX_FEATURE, 'shader-f16', 'subgroups'].filter((name) => !features.has(name));
  if (missing.length > 0) return `the device has no ${missing.join(', no ')} (Dawn in Node: dawnOptions: ['enable-dawn-features=allow_unsafe_apis'])`;
  const { subgroupMinSize, subgroupMaxSize, subgroupMatrixConfigs = [] } = adapterInfo ?? {};
  if (subgroupMinSize !== MATRIX_SUBGROUP || subgroupMaxSize !== MATRIX_SUBGROUP) return `expected subgroups of ${MATRIX_SUBGROUP}, got ${subgroupMinSize} to ${subgroupMaxSize}`;
  const found = [...subgroupMatrixConfigs].find(({ componentType, resultComponentType, M, N, K }) =>
    componentType === 'f16' && resultComponentType === 'f32' && 32 % M === 0 && 32 % N === 0 && MATRIX_TILE.depth % K === 0);
  return found ? { M: found.M, N: found.N, K: found.K } : 'the device multiplies no f16 matrices into f32';
}

function offered(device: GpuDevice, wanted: ConvolutionPrecision): Arithmetic | string {
  if (wanted === 'matrix') return matrixShape(device);
  return wanted === 'float32' || device.features.has('shader-f16') ? wanted : 'the device has no shader-f16';
}

/** A convolution and both its gradients, of constant random numbers. */
async function sample(backend: TfjsGpuBackend, arithmetic: Arithmetic): Promise<Float32Array> {
  const gpu = createGpuContext(backend, { software: false, arithmetic });
  const rng = createRng(1);
  const tensor = (shape: number[]): TensorInfo => {
    const stream = rng.split(shape.join());
    return backend.makeTensorInfo(shape, 'float32', Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => stream.normal()));
  };
  const [x, filter, dy] = [tensor([1, 9, 8, 18]), tensor([3, 3, 18, 36]), tensor([1, 9, 8, 36])];
  const attrs = { stride: 1, padding: [1, 1, 1, 1] } as const;
  const results = [
    conv2dForward(gpu, x, filter, attrs), conv2dInputGrad(gpu, dy, filter, { ...attrs, size: [9, 8] }), conv2dFilterGrad(gpu, x, dy, { ...attrs, size: [3, 3] }),
  ];
  const values = await Promise.all(results.map(({ dataId }) => backend.read(dataId)));
  for (const made of [x, filter, dy, ...results]) gpu.free(made);
  return Float32Array.from(values.flatMap((list) => [...list]));
}

/**
 * The arithmetic that a device offers for what is wanted, after trying it: it must agree with float32 to rounding.
 *
 * @returns 'float32', and the reason to `onKernelError`, where the device cannot or gets it wrong.
 */
export async function chooseArithmetic(backend: TfjsGpuBackend, wanted: ConvolutionPrecision, onKernelError: (error: SpatialGANError) => void): Promise<Arithmetic> {
  const arithmetic = offered(backend.device, wanted);
  if (arithmetic === 'float32') return arithmetic;
  if (typeof arithmetic === 'string' && arithmetic !== 'float16') {
    onKernelError(refuse(wanted, arithmetic));
    return 'float32';
  }
  backend.device.pushErrorScope('validation');
  const [values, failure] = await Promise.all([sample(backend, arithmetic), backend.device.popErrorScope()]);
  const truth = await sample(backend, 'float32');
  const largest = truth.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const wrong = truth.some((v, i) => !(Math.abs(v - values[i]!) <= TOLERANCE * largest));
  if (!failure && !wrong) return arithmetic;
  onKernelError(refuse(wanted, failure?.message ?? 'the results differ from those in float32'));
  return 'float32';
}
