import { describe, expect, it } from 'vitest';
import { add, getBackend, tensor, tidy } from '@tensorflow/tfjs-core';
import { type Backend, SpatialGANError } from '@spatialgan/core';
import { autoBackends } from './auto.js';
import { cpu } from './cpu.js';
import { createRuntime } from './createRuntime.js';
import { wasm } from './wasm.js';

const refusing = (name: string, reason: string): Backend => ({
  name, unsupportedReason: () => Promise.resolve(reason), activate: () => Promise.reject(new Error('must not be asked')),
});
const failing = (name: string, message: string): Backend => ({
  name, unsupportedReason: () => Promise.resolve(null), activate: () => Promise.reject(new Error(message)),
});

const caught = async (work: Promise<unknown>): Promise<SpatialGANError> => {
  const error: unknown = await work.then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(SpatialGANError);
  return error as SpatialGANError;
};

describe('createRuntime', () => {
  for (const create of [cpu, wasm]) {
    it(`takes ${create().name} when it comes first, and computes on it`, async () => {
      const runtime = await createRuntime({ prefer: [create(), refusing('later', 'unused')] });
      expect(runtime).toMatchObject({ backend: create().name, reason: 'the first choice', tried: [] });
      expect(runtime.capabilities).toMatchObject({ training: true, syncRead: true, floatBits: 32 });
      expect(getBackend()).toBe(create().name);
      const sum = tidy(() => add(tensor([1, 2]), tensor([3, 4])));
      expect([...sum.dataSync()]).toEqual([4, 6]);
      sum.dispose();
      runtime.dispose();
      runtime.dispose();
    });
  }

  it('passes over those that do not run here and says why', async () => {
    const runtime = await createRuntime({ prefer: [refusing('a', 'no GPU'), failing('b', 'driver broke'), wasm(), cpu()] });
    expect(runtime.backend).toBe('wasm');
    expect(runtime.tried).toEqual([{ name: 'a', reason: 'no GPU' }, { name: 'b', reason: 'driver broke' }]);
    expect(runtime.reason).toBe('after a (no GPU); b (driver broke)');
  });

  it('names every reason when none works', async () => {
    const error = await caught(createRuntime({ prefer: [refusing('a', 'no GPU'), failing('b', 'driver broke')] }));
    expect(error.code).toBe('BACKEND_UNSUPPORTED');
    expect(error.message).toMatch(/a: no GPU; b: driver broke/);
  });

  it('refuses an empty list', async () => {
    expect((await caught(createRuntime({ prefer: [] }))).code).toBe('CONFIG');
  });

  it('offers the backends of Node in the order of preference', () => {
    expect(autoBackends().map(({ name }) => name)).toEqual(['node-gpu', 'webgpu', 'node', 'wasm', 'cpu']);
  });
});
