import { on } from 'node:events';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { createRng } from '@spatialgan/core';
import { createTrainer, sharedCommunicator } from '@spatialgan/trainer';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { assemble, sharedRuns } from './configurations.js';
import type { RankData, StepDone } from './workers.js';

/** Milliseconds that this thread has computed; undefined where the system does not tell. */
function threadCpu(): number | undefined {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

// One rank of a team: rank 0 steps when it is told to, the others with it.
const { memory, rank, name, batch } = workerData as RankData;
const port = parentPort!;
const configuration = { run: sharedRuns[name]! };
const { lrG, lrD, ema, noiseMode, styleMixingProb } = configuration.run.training;
const runtime = await createRuntime({ prefer: [wasm({ threads: 1 })] });
const { model, losses } = assemble(configuration);
const side = model.generator.imgResolution;
let [begun, used] = [0, threadCpu()];
const asked = on(port, 'message');
const trainer = createTrainer({
  generator: model.generator, discriminator: model.discriminator, sampler: model.sampler, renderer: model.renderer, losses, seed: 1,
  optimizer: { G: { lr: lrG }, D: { lr: lrD } }, ema, noiseMode, styleMixingProb,
  data: {
    async next() {
      if (rank > 0) throw new Error('only rank 0 reads data');
      await asked.next();
      [begun, used] = [performance.now(), threadCpu()];
      return { images: createRng(1).uniformTensor<Tensor4D>([batch, side, side, 3]) };
    },
  },
  ...(memory.size > 1 ? { communicator: sharedCommunicator(memory, { rank, block: rank > 0 }) } : {}),
  plugins: [{
    name: 'clock',
    onStart: () => port.postMessage('ready'),
    onStep: () => {
      const cpu = threadCpu();
      port.postMessage({ wall: performance.now() - begun, cpu: cpu === undefined || used === undefined ? undefined : cpu - used } satisfies StepDone);
    },
  }],
});
await trainer.run({ kimg: Infinity });
runtime.dispose();
