import type { TrainerContext, TrainerPlugin, TrainingSnapshot } from '@spatialgan/core';
import { reachesMultiple } from './kimgClock.js';

/** When and how a run is saved. */
export interface CheckpointEveryOptions {
  /** Thousands of images between checkpoints; they lie at its multiples. A last one is written when the run ends without error. */
  readonly kimg: number;
  /** Writes one snapshot; see `saveRunCheckpoint` of @spatialgan/checkpoint/node. */
  readonly save: (snapshot: TrainingSnapshot) => Promise<void>;
}

/** Saves the whole training state in regular steps and at the end. */
export function checkpointEvery({ kimg: every, save }: CheckpointEveryOptions): TrainerPlugin {
  let savedAt = 0;
  const write = async (context: TrainerContext): Promise<void> => {
    savedAt = context.kimg;
    await save(await context.save());
  };
  return {
    name: 'checkpointEvery',
    order: 'post',
    onStart({ kimg }) {
      savedAt = kimg;
    },
    async onStep(context) {
      if (reachesMultiple(every, { from: savedAt, to: context.kimg })) await write(context);
    },
    async onEnd(context, { error }) {
      if (error === undefined && context.kimg > savedAt) await write(context);
    },
  };
}
