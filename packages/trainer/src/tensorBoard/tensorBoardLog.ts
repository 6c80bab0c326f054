import type { TrainerPlugin } from '@spatialgan/core';
import { createEventWriter, type EventWriter, type EventWriterOptions } from './eventWriter.js';

/** A plugin that also takes pictures, e.g. the sheets of `snapshotEvery`. */
export interface TensorBoardLog extends TrainerPlugin {
  readonly writer: EventWriter;
}

/** Writes the means of every tick for TensorBoard; the step is the number of images shown. */
export function tensorBoardLog(options: EventWriterOptions): TensorBoardLog {
  const writer = createEventWriter(options);
  return {
    name: 'tensorBoardLog',
    writer,
    onTick: ({ kimg, stats }) => writer.scalars(Math.round(kimg * 1000), stats),
  };
}
