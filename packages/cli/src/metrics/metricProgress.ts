import type { MetricProgress } from '@spatialgan/metrics';
import { durationText } from '@spatialgan/trainer';
import { progressPace } from '../progressPace.js';

/** Says how far a stage is, now and then; stages that end before that say nothing. */
export function metricProgress(write: (line: string) => void): (progress: MetricProgress) => void {
  const due = progressPace();
  return ({ stage, fraction, etaMs }) => {
    if (due()) write(`${stage}: ${Math.round(fraction * 100)} %${etaMs === null ? '' : `, ${durationText(etaMs / 1000)} left`}`);
  };
}
