import { dispose, keep, mean, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { StatCollector } from '../stats.js';

/** Reports that count only once the step has turned out to be sound. */
export interface StagedStats extends StatCollector {
  /** Hands all to the collector behind, or drops it. */
  settle(sound: boolean): void;
}

export function stageStats(stats: StatCollector): StagedStats {
  let reports: (readonly [name: string, value: Tensor | number])[] = [];
  return {
    ...stats,
    report: (name, value) => void reports.push([name, typeof value === 'number' ? value : tidy(() => keep(mean(value)))]),
    settle(sound) {
      for (const [name, value] of reports) {
        if (sound) stats.report(name, value);
        if (typeof value !== 'number') dispose(value);
      }
      reports = [];
    },
  };
}
