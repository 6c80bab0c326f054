import { webgpu } from '@spatialgan/backends/webgpu';
import type { TrainingSnapshot } from '@spatialgan/core';
import { expect, it } from 'vitest';
import { offerSoftwareVulkan } from '../softwareVulkan.js';
import { LIMIT } from './expectSame.js';
import { trainedState } from './trainCurve.js';

const half = 5;

/** A snapshot as a checkpoint keeps it: JSON and numbers. */
const stored = ({ groups, state }: TrainingSnapshot): TrainingSnapshot => ({
  groups: Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, new Map([...group].map(([path, { shape, data }]) => [path, { shape: [...shape], data: data.slice() }]))])),
  state: JSON.parse(JSON.stringify(state)) as TrainingSnapshot['state'],
});

it('a run on WebGPU that goes on from its middle ends within 1e-6 of one that was not stopped: weights, moments, averages', async ({ skip }) => {
  offerSoftwareVulkan();
  const dawn = webgpu({ allowSoftware: true });
  const why = await dawn.unsupportedReason();
  if (why !== null) {
    console.log(`skipped: ${why}`);
    return skip();
  }
  await dawn.activate();
  const whole = await trainedState(2 * half);
  const middle = stored(await trainedState(half));
  const resumed = await trainedState(half, middle);
  expect(resumed.state).toMatchObject({ step: 2 * half, images: whole.state.images, cursor: whole.state.cursor });
  expect(Object.keys(resumed.groups)).toEqual(Object.keys(whole.groups));
  let [worst, moved] = [0, 0];
  for (const [name, group] of Object.entries(whole.groups)) {
    for (const [path, { data }] of group) {
      const [other, before] = [resumed.groups[name]!.get(path)!.data, middle.groups[name]!.get(path)!.data];
      data.forEach((value, i) => ([worst, moved] = [Math.max(worst, Math.abs(value - other[i]!)), Math.max(moved, Math.abs(value - before[i]!))]));
    }
  }
  console.log(`resumed on WebGPU: at most ${worst.toExponential(1)} apart; the second half moved values by up to ${moved.toExponential(1)}`);
  expect(moved).toBeGreaterThan(1e-3);
  expect(worst).toBeLessThanOrEqual(1e-6);
}, LIMIT);
