import type { MetricProgress } from '@spatialgan/metrics';
import { durationText } from '@spatialgan/trainer';

/** Says how far a stage is, at most once in some seconds; stages that end before that say nothing. */
export function metricProgress(write: (line: string) => void, everyMs = 5000): (progress: MetricProgress) => void {
  let next = performance.now() + everyMs;
  return ({ stage, fraction, etaMs }) => {
    const now = performance.now();
    if (now < next) return;
    next = now + everyMs;
    write(`${stage}: ${Math.round(fraction * 100)} %${etaMs === null ? '' : `, ${durationText(etaMs / 1000)} left`}`);
  };
}
