import { beforeAll, describe, expect, it } from 'vitest';
import { engine } from '@tensorflow/tfjs-core';
import { activateBoth, expectAlike, noWebgpu } from '@spatialgan-internal/test-kit/gpuAlike';
import { conv2d } from '@spatialgan/ops';
import { currentBackend } from '../activateTfjs.js';
import { webgpu } from '../webgpu.js';
import { matrixShape } from './chooseArithmetic.js';
import { filterGradProgram } from './convFilterGrad.js';
import { gatherProgram } from './convGatherShader.js';
import type { GpuDevice, GpuShader } from './gpuTypes.js';

const matrices = { features: new Set(['chromium-experimental-subgroup-matrix', 'shader-f16', 'subgroups']) };
const configs = [
  { componentType: 'f16', resultComponentType: 'f16', M: 16, N: 16, K: 16 }, { componentType: 'f16', resultComponentType: 'f32', M: 16, N: 8, K: 16 },
];

describe('the matrices of a device', () => {
  it('are f16 summed in f32, in subgroups of 32', () => {
    expect(matrixShape({ ...matrices, adapterInfo: { subgroupMinSize: 32, subgroupMaxSize: 32, subgroupMatrixConfigs: configs } })).toEqual({ M: 16, N: 8, K: 16 });
  });

  it('are not used where something is missing', () => {
    expect(matrixShape({ features: new Set(['subgroups']) })).toMatch(/has no chromium-experimental-subgroup-matrix/);
    expect(matrixShape({ ...matrices, adapterInfo: { subgroupMinSize: 16, subgroupMaxSize: 64, subgroupMatrixConfigs: configs } })).toMatch(/expected subgroups of 32, got 16 to 64/);
    expect(matrixShape({ ...matrices, adapterInfo: { subgroupMinSize: 32, subgroupMaxSize: 32, subgroupMatrixConfigs: configs.slice(0, 1) } })).toMatch(/no f16 matrices into f32/);
  });
});

describe.skipIf(noWebgpu !== null)('convolutions in other arithmetics', { timeout: 60_000 }, () => {
  beforeAll(activateBoth, 60_000);

  for (const convolutions of ['float16', 'matrix'] as const) {
    it(`'${convolutions}' computes in float32, and says so, where the adapter cannot (SwiftShader)`, async ({ skip }) => {
      const errors: string[] = [];
      await webgpu({ allowSoftware: true, convolutions, onKernelError: ({ code, message }) => errors.push(`${code} ${message}`) }).activate();
      const { features } = currentBackend<{ device: GpuDevice }>().device;
      if (features.has('shader-f16')) return skip('the adapter has 16-bit floats');
      expect(errors).toEqual([expect.stringMatching(/^BACKEND_UNSUPPORTED webgpu: convolutions in (float16|matrix): the device has no .*; they compute in float32$/)]);
      await expectAlike([[1, 5, 5, 4], [3, 3, 4, 8]], (x, f) => [conv2d(x as never, f as never)]);
      expect(engine().backendName).toBe('webgpu');
    });
  }
});

// Dawn's null adapter compiles everything and runs nothing: the programs that no adapter here can run are at least WGSL.
describe('on an adapter that compiles only', () => {
  it('the programs with 16-bit floats and with matrices are without errors', async ({ skip }) => {
    const dawn = await import('webgpu' as string).catch(() => null) as null | { create(options: string[]): { requestAdapter(): Promise<GpuAdapterLike | null> } };
    const gpu = dawn?.create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
    const adapter = await gpu?.requestAdapter().catch(() => null);
    if (!adapter || ![...matrices.features].every((name) => adapter.features.has(name))) return skip('Dawn has no null adapter with these features here');
    const device = await adapter.requestDevice({ requiredFeatures: [...matrices.features] });
    const errorsOf = async (code: string): Promise<string[]> => {
      device.pushErrorScope('validation');
      const module = device.createShaderModule({ label: '', code });
      await device.popErrorScope();
      return (await module.getCompilationInfo()).messages.filter(({ type }) => type === 'error').map(({ message, lineNum }) => `${lineNum}: ${message}`);
    };
    for (const vec of [true, false]) {
      for (const backward of [true, false]) {
        for (const arithmetic of ['float16', { M: 8, N: 8, K: 8 }, { M: 16, N: 8, K: 16 }, { M: 16, N: 16, K: 16 }] as const) {
          expect(await errorsOf(gatherProgram('square', { vec, backward, arithmetic }).code())).toEqual([]);
        }
      }
      for (const arithmetic of ['float16', { M: 16, N: 8, K: 16 }] as const) {
        const modulated = { styles: 'entry', epilogue: ['scale', 'noise', 'b'] } as const;
        expect(await errorsOf(gatherProgram('square', { vec, backward: vec, arithmetic, modulated }).code())).toEqual([]);
      }
      expect(await errorsOf(filterGradProgram('square', vec, 'float16').code())).toEqual([]);
    }
    expect(await errorsOf('fn main( {')).not.toEqual([]); // it does find errors
    device.destroy();
  });
});

interface GpuAdapterLike {
  readonly features: ReadonlySet<string>;
  requestDevice(descriptor: object): Promise<Pick<GpuDevice, 'pushErrorScope' | 'popErrorScope'> & { createShaderModule(d: object): GpuShader; destroy(): void }>;
}
