import { memory } from '@tensorflow/tfjs-core';
import type { TrainerPlugin } from '@spatialgan/core';

/** Where progress goes and what memory is, since libraries neither print nor know the platform. */
export interface ProgressLineOptions {
  readonly write: (line: string) => void;
  /** Bytes in use by the process, if the platform tells. */
  readonly memoryBytes?: () => number;
}

const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}h${String(m).padStart(2, '0')}m` : m > 0 ? `${m}m${String(s).padStart(2, '0')}s` : `${s}s`;
};

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
          `eta ${duration(((totalKimg - kimg) * 1000) / rate)}  ${losses.join('  ')}  ` +
          `tensors ${memory().numTensors} (${megabytes(memory().numBytes)})${used}`,
      );
    },
  };
}
