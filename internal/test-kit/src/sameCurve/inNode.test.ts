import { cpu } from '@spatialgan/backends/cpu';
import { webgpu } from '@spatialgan/backends/webgpu';
import { beforeAll, expect, it } from 'vitest';
import { type Curve, curveDifference } from '../curveDifference.js';
import { offerSoftwareVulkan } from '../softwareVulkan.js';
import { curveOn, expectSame, LIMIT, onWasm } from './expectSame.js';

let expected: Curve;
beforeAll(async () => {
  expected = await onWasm();
}, LIMIT);

it('a changed value, a missing step and another report are noticed', () => {
  const changed = expected.map((values, step) => (step === 3 ? { ...values, 'Loss/scores/fake': values['Loss/scores/fake']! + 0.01 } : values));
  expect(curveDifference(expected, changed)).toMatchObject({ worst: expect.closeTo(0.01, 3) as number, where: expect.stringMatching(/^step 3, Loss\/scores\/fake/) as string });
  expect(() => curveDifference(expected, expected.slice(1))).toThrow(/one length, got 20 and 19/);
  expect(() => curveDifference(expected, expected.map((values) => ({ ...values, more: 1 })))).toThrow(/step 0: expected the same reports/);
});

it('on cpu', async () => expectSame('cpu in Node', await curveOn(cpu()), expected), LIMIT);

it('on WebGPU in Node (Dawn)', async ({ skip }) => {
  offerSoftwareVulkan();
  const dawn = webgpu({
    allowSoftware: true,
    onKernelError: (error) => {
      throw error;
    },
  });
  const why = await dawn.unsupportedReason();
  if (why !== null) {
    console.log(`skipped: ${why}`);
    return skip();
  }
  expectSame('WebGPU in Node', await curveOn(dawn), expected);
}, LIMIT);
