import { memory } from '@tensorflow/tfjs-core';
import type { TrainerPlugin } from '@spatialgan/core';
import { durationText } from './durationText.js';

/** Where progress goes and what memory is, since libraries neither print nor know the platform. */
export interface ProgressLineOptions {
  readonly write: (line: string) => void;
  /** Bytes in use by the process, if the platform tells. */
  readonly memoryBytes?: () => number;
}

/** One line per tick: kimg, images per second, time left, losses, memory. */
export function progressLine({ write, memoryBytes }: ProgressLineOptions): TrainerPlugin {
  let previous = { at: 0, kimg: 0 };
  return {
    name: 'progressLine',
    onStart({ kimg }) {
      previous = { at: performance.now(), kimg };
    },
    onTick({ kimg, totalKimg, stats, step }) {
      const now = performance.now();
      const rate = ((kimg - previous.kimg) * 1000) / ((now - previous.at) / 1000);
      previous = { at: now, kimg };
      const losses = Object.entries(stats).flatMap(([name, value]) =>
        name.startsWith('Loss/') ? [`${name.slice(5)} ${value.toFixed(3)}`] : [],
      );
      const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
      const used = memoryBytes ? `, process ${megabytes(memoryBytes())}` : '';
      write(
        `step ${step}  kimg ${kimg.toFixed(totalKimg < 10 ? 3 : 1)}/${totalKimg}  ${rate.toFixed(1)} img/s  ` +
          `eta ${durationText(((totalKimg - kimg) * 1000) / rate)}  ${losses.join('  ')}  ` +
          `tensors ${memory().numTensors} (${megabytes(memory().numBytes)})${used}`,
      );
    },
  };
}
