import '@tensorflow/tfjs-backend-cpu';
import { parentPort, workerData } from 'node:worker_threads';
import { log, mul, ready, type Scalar, setBackend } from '@tensorflow/tfjs-core';
import { type Communicator, type GeneratorLoss, stopGradient } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { r1 } from '../losses/r1.js';
import { nonSaturating } from '../losses/nonSaturating.js';
import { sharedCommunicator, type SharedMemory } from '../sharedCommunicator.js';
import { countingLoss, usingTrainer } from '../tinyNetworks.test-kit.js';
import type { DivergenceEvent, DivergenceOptions } from './divergenceGuard.js';

/** One of the ranks of a run in which a loss breaks. */
export interface FaultyRank {
  readonly policy: DivergenceOptions['policy'];
  /** Steps at which the loss of G is infinite … */
  readonly at: readonly number[];
  /** … here, or only elsewhere. */
  readonly isFaulty: boolean;
  readonly steps: number;
}

export interface FaultyOutcome {
  readonly events: readonly DivergenceEvent[];
  readonly error: string | undefined;
  readonly weights: readonly number[];
  readonly step: number;
}

const batch = 4;

const faulty = ({ at, isFaulty }: FaultyRank): GeneratorLoss => ({
  ...(countingLoss() as GeneratorLoss), name: 'faulty',
  compute(phase, context) {
    const { loss, state } = (countingLoss() as GeneratorLoss).compute(phase, context);
    const step = Math.round((context.kimg * 1000) / batch);
    return { loss: isFaulty && at.includes(step) ? mul<Scalar>(loss, log(stopGradient(mul(loss, 0)))) : loss, state };
  },
});

/** Trains to `steps` on the cpu backend, alone or as one of several. */
export async function trainFaulty(rank: FaultyRank, communicator?: Communicator): Promise<FaultyOutcome> {
  await setBackend('cpu');
  await ready();
  registerGradients();
  const events: DivergenceEvent[] = [];
  return usingTrainer({
    losses: [...nonSaturating(), r1({ gamma: 1, interval: 2 }), faulty(rank)],
    divergence: { policy: rank.policy, steps: 2, onDivergence: (event) => void events.push(event) },
    ...(communicator ? { communicator } : { batchGpu: batch / 2 }),
  }, async (trainer) => {
    const error = await trainer.run({ kimg: (rank.steps * batch) / 1000 }).then(() => undefined, (cause: unknown) => (cause as Error).message);
    const { groups } = await trainer.save();
    return { events, error, step: trainer.step, weights: ['G', 'D', 'gEma'].flatMap((name) => [...groups[name]!.values()].flatMap(({ data }) => [...(data as Float32Array)])) };
  });
}

if (workerData) {
  const { memory, ...rank } = workerData as FaultyRank & { memory: SharedMemory };
  const outcome = await trainFaulty(rank, sharedCommunicator(memory, { rank: 1, block: true }));
  parentPort!.postMessage(outcome);
}
