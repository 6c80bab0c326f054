import type { TrainerContext, TrainerPlugin } from '@spatialgan/core';
import type { RgbImage } from './imageGrid.js';
import { reachesMultiple } from './kimgClock.js';
import { snapshotSheet, type SnapshotSheetOptions } from './snapshotSheet.js';

/** When sheets are drawn and where they go. */
export interface SnapshotEveryOptions extends SnapshotSheetOptions {
  /** Thousands of images between sheets; they lie at its multiples. */
  readonly kimg: number;
  readonly write: (sheet: RgbImage, kimg: number) => Promise<void>;
}

/** Draws sheets of the averaged generator: images, heatmaps per level, D's attention per target. */
export function snapshotEvery(options: SnapshotEveryOptions): TrainerPlugin {
  let drawnAt = 0;
  const draw = async ({ kimg, params }: TrainerContext): Promise<void> => {
    drawnAt = kimg;
    await options.write(await snapshotSheet(options, { G: params.gEma, D: params.D }), kimg);
  };
  return {
    name: 'snapshotEvery',
    async onStart(context) {
      if (context.step === 0) await draw(context);
      drawnAt = context.kimg;
    },
    async onStep(context) {
      if (reachesMultiple(options.kimg, { from: drawnAt, to: context.kimg })) await draw(context);
    },
    async onEnd(context, { error }) {
      if (error === undefined && context.kimg > drawnAt) await draw(context);
    },
  };
}
