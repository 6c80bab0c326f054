import { workerData } from 'node:worker_threads';
import { SpatialGANError } from '@spatialgan/core';
import { buildModel, lossesOf } from '@spatialgan/model';
import { createTrainer, sharedCommunicator } from '@spatialgan/trainer';
import { openBackend } from './openBackend.js';
import type { ThreadData } from './trainThreads.js';
import { trainerOptionsOf } from './trainerOfRun.js';

// A rank above 0 of a run on several workers: it does the steps that the main thread asks for.
const { memory, rank, config, backend, threads } = workerData as ThreadData;
const communicator = sharedCommunicator(memory, { rank, block: true });
try {
  const runtime = await openBackend(backend, { threads });
  const model = buildModel(config.run.model);
  const trainer = createTrainer({
    ...trainerOptionsOf(config, { model, losses: lossesOf(config.run.training, model) }, () => {}),
    communicator,
    data: { next: () => Promise.reject(new SpatialGANError('DATA', 'only rank 0 reads data')) },
  });
  await trainer.run({ kimg: 0 });
  trainer.dispose();
  runtime.dispose();
} catch (error) {
  communicator.fail('this rank has failed');
  throw error;
}
