import { offerSoftwareVulkan } from '@spatialgan-internal/test-kit/softwareVulkan';
import { webgpu } from '@spatialgan/backends/webgpu';
import { createRng, type TrainingSnapshot } from '@spatialgan/core';
import { createTrainer, nonSaturating, pathLength, r1, type TrainerOptions } from '@spatialgan/trainer';
import { toyNetworks } from '@spatialgan/trainer/conformance';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

offerSoftwareVulkan();
const software = webgpu({ allowSoftware: true });
const reason = await software.unsupportedReason();
if (reason !== null) console.warn(`recorded passes on webgpu: skipped, ${reason}`);

describe.skipIf(reason !== null)('recorded passes on webgpu, whose numbers come later', { timeout: 240_000 }, () => {
  it('train to the same bits as the engine, with lazy losses, noise and mixing', async () => {
    await software.activate();
    const trained = async (options: Partial<TrainerOptions>): Promise<TrainingSnapshot> => {
      let next = 0;
      const trainer = createTrainer({
        ...toyNetworks, seed: 1, styleMixingProb: 0.5, losses: [...nonSaturating(), r1({ gamma: 1, interval: 2 }), pathLength({ interval: 2 })],
        data: { next: async () => ({ images: createRng(next++).uniformTensor<Tensor4D>([2, 8, 8, 3]) }) }, ...options,
      });
      await trainer.run({ kimg: 0.014 });
      const snapshot = await trainer.save();
      trainer.dispose();
      return snapshot;
    };
    expect(await trained({})).toEqual(await trained({ recordPasses: false }));
  });
});
