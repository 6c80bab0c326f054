import { beforeAll, describe, expect, it } from 'vitest';
import { add, dispose, engine, memory, setBackend, tensor, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import { type AdamState, adamSteps, movingAverages } from '@spatialgan/ops';
import { activateBoth, noWebgpu } from '@spatialgan-internal/test-kit/gpuAlike';
import { currentBackend } from '../activateTfjs.js';
import { adamSteps as adamStepsKernel } from './adamSteps.js';
import { arenasOf } from './arenas.js';
import { createGpuContext } from './context.js';
import type { TfjsGpuBackend } from './gpuTypes.js';

/** More than one dispatch can read, with sizes below, at and beyond a vector and a workgroup. */
const SHAPES: readonly (readonly number[])[] = [[3], [4], [1], [5, 7], [1025], [16, 16], [2], [3, 3, 4, 8], [64], [65], [6], [1, 1, 1, 1], [13], [8]];
const OPTIONS = { lr: 0.02, beta1: 0.5, beta2: 0.99, eps: 1e-8, infinite: 1e5 };

const values = (label: string, shape: readonly number[]): Float32Array => {
  const stream = createRng(7).split(label);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());
};
const make = (label: string, square = false): Tensor[] =>
  SHAPES.map((shape, i) => tensor(values(`${label}${i}`, shape).map((v) => (square ? v * v : v)), [...shape], 'float32'));
const read = async (tensors: readonly Tensor[]): Promise<number[][]> => Promise.all(tensors.map(async (t) => [...await t.data<'float32'>()]));
const flat = (states: readonly Omit<AdamState, 'grad'>[]): Tensor[] => states.flatMap(({ param, m, v }) => [param, m, v]);
const gpu = (): TfjsGpuBackend => currentBackend<TfjsGpuBackend>();
const isSlice = (t: Tensor): boolean => arenasOf(gpu()).sliceOf(t) !== null;

/** Runs something and counts its dispatches, which tfjs numbers up to the next submission. */
function dispatchesOf<T>(work: () => T): { readonly count: number; readonly result: T } {
  const backend = gpu();
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  const result = work();
  return { count: backend.dispatchCountInPass, result };
}

/** Three steps of Adam and of the average, with the numbers after each and the dispatches of each. */
async function train(backend: string): Promise<{ readonly numbers: number[][][]; readonly dispatches: number[] }> {
  await setBackend(backend);
  const [numbers, dispatches]: [number[][][], number[]] = [[], []];
  const params = make('param');
  const [m, v] = [make('m'), make('v', true)];
  let states = params.map((param, i) => ({ param, m: m[i]!, v: v[i]! }));
  let averages = make('average');
  for (let step = 1; step <= 3; step++) {
    const grads = make(`grad${step}`);
    const run = (): void => {
      const next = adamSteps(states.map((state, i) => ({ ...state, grad: grads[i]! })), { ...OPTIONS, step });
      dispose(flat(states));
      states = next;
      const averaged = movingAverages(averages.map((average, i) => [average, states[i]!.param] as const), 0.75);
      dispose(averages);
      averages = averaged;
    };
    if (backend === 'webgpu') dispatches.push(dispatchesOf(run).count);
    else run();
    dispose(grads);
    if (step !== 2) numbers.push(await read([...flat(states), ...averages]));
  }
  dispose([...flat(states), ...averages]);
  return { numbers, dispatches };
}

describe.skipIf(noWebgpu !== null)('the optimizer\'s lists on webgpu', { timeout: 60_000 }, () => {
  beforeAll(activateBoth, 60_000);

  it('are the steps of each parameter, in few dispatches from the second step on, and leave nothing', async () => {
    const plain = await train('cpu');
    await setBackend('webgpu');
    const before = memory();
    const { bufferManager } = gpu() as unknown as { bufferManager: { numUsedBuffers: number } };
    const buffers = bufferManager.numUsedBuffers;
    const ours = await train('webgpu');
    plain.numbers.forEach((lists, k) => lists.forEach((list, i) => {
      const size = list.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
      list.forEach((value, j) => expect(Math.abs(value - ours.numbers[k]![i]![j]!), `step ${k}, tensor ${i}, entry ${j}`).toBeLessThanOrEqual(2e-6 * size));
    }));
    const perDispatch = Math.min(14, gpu().device.limits.maxStorageBuffersPerShaderStage - 2);
    const few = Math.ceil(SHAPES.length / perDispatch) + 1;
    expect(ours.dispatches.slice(1)).toEqual([few, few]);
    expect(memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
    gpu().ensureCommandEncoderReady();
    gpu().submitQueue();
    expect(bufferManager.numUsedBuffers).toBe(buffers);
  });

  it('repairs gradients that are not finite, also where they lie behind a vector', async () => {
    await setBackend('webgpu');
    const bad = [[NaN, Infinity, -Infinity, 1e9, -2], [Infinity], [3, NaN]];
    let states = bad.map((grad) => ({ param: tensor(grad.map(() => 0)), m: tensor(grad.map(() => 0)), v: tensor(grad.map(() => 0)) }));
    for (const step of [1, 2]) { // the second is the one in few dispatches
      const grads = bad.map((grad) => tensor(grad));
      const next = adamSteps(states.map((state, i) => ({ ...state, grad: grads[i]! })), { ...OPTIONS, beta1: 0, step });
      dispose([...flat(states), ...grads]);
      states = next;
      expect(await read(states.map(({ m }) => m))).toEqual([[0, 1e5, -1e5, 1e9, -2], [1e5], [3, 0]]);
    }
    dispose(flat(states));
  });

  it('gives the same bits by six gradients a dispatch, all that WebGPU guarantees', async () => {
    await setBackend('webgpu');
    const [params, grads, m, v] = [make('param'), make('grad'), make('m'), make('v', true)];
    const withGrads = (states: readonly Omit<AdamState, 'grad'>[]): AdamState[] => states.map((state, i) => ({ ...state, grad: grads[i]! }));
    const first = adamSteps(withGrads(params.map((param, i) => ({ param, m: m[i]!, v: v[i]! }))), { ...OPTIONS, step: 1 });
    const usual = adamSteps(withGrads(first), { ...OPTIONS, step: 2 });
    const least = { ...createGpuContext(gpu(), { software: true, arithmetic: 'float32' }), storageBuffers: 8 };
    const { count, result } = dispatchesOf(() => adamStepsKernel(least, withGrads(first).flatMap(({ param, grad, m, v }) => [param, grad, m, v]), { ...OPTIONS, step: 2 }));
    expect(count).toBe(Math.ceil(SHAPES.length / 6));
    const bits = await Promise.all(result.map(async ({ dataId }) => [...await gpu().read(dataId)]));
    expect(bits).toEqual(await read(flat(usual)));
    for (const { dataId } of result) gpu().disposeData(dataId);
    dispose([...params, ...grads, ...m, ...v, ...flat(first), ...flat(usual)]);
  });

  it('leaves tensors that are like all others: other kernels read them, they outlive their neighbours and can be stepped with strangers', async () => {
    await setBackend('webgpu');
    const [a, b] = [tensor([1, 2, 3, 4, 5]), tensor([10])];
    const [average, other] = movingAverages([[a, a], [b, b]], 0.5);
    expect([average!, other!].map(isSlice)).toEqual([true, true]);
    const sum = tidy(() => add(average!, other!));
    other!.dispose();
    expect(await read([sum, average!])).toEqual([[11, 12, 13, 14, 15], [1, 2, 3, 4, 5]]);
    const [mixed, again] = movingAverages([[average!, sum], [sum, average!]], 0.5);
    expect(await read([mixed!, again!])).toEqual([[6, 7, 8, 9, 10], [6, 7, 8, 9, 10]]);
    const { tensorRef, buffer } = engine().backend.readToGPU(again!.dataId) as unknown as { tensorRef: Tensor; buffer: { size: number } };
    expect(buffer.size).toBe(20);
    expect(isSlice(again!)).toBe(false);
    expect(await read([again!, tensorRef])).toEqual([[6, 7, 8, 9, 10], [6, 7, 8, 9, 10]]);
    dispose([a, b, average!, sum, mixed!, again!, tensorRef]);
  });

  it('divides among several buffers what is too large for one binding', async () => {
    await setBackend('webgpu');
    const limit = gpu().device.limits.maxStorageBufferBindingSize / 4;
    const groups = arenasOf(gpu()).create([[[limit / 2]], [[limit / 2], [8]], [[4], [4]], [[limit], [1]]]);
    const buffers = groups.map((tensors) => tensors.map((t) => arenasOf(gpu()).sliceOf(t)?.buffer ?? null));
    expect(buffers[0]![0]).not.toBe(buffers[1]![0]);
    expect(buffers[1]).toEqual([buffers[1]![0], buffers[1]![0]]);
    expect(buffers[2]![0]).toBe(buffers[1]![0]);
    expect(buffers[3]).toEqual([null, null]); // a group that fits in none: buffers of their own
    for (const { dataId } of groups.flat()) gpu().disposeData(dataId);
  });
});
