import type { MetricProgress } from '@spatialgan/metrics';

const duration = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}h${String(m).padStart(2, '0')}m` : m > 0 ? `${m}m${String(s).padStart(2, '0')}s` : `${s}s`;
};

/** Says how far a stage is, at most once in some seconds; stages that end before that say nothing. */
export function metricProgress(write: (line: string) => void, everyMs = 5000): (progress: MetricProgress) => void {
  let next = performance.now() + everyMs;
  return ({ stage, fraction, etaMs }) => {
    const now = performance.now();
    if (now < next) return;
    next = now + everyMs;
    write(`${stage}: ${Math.round(fraction * 100)} %${etaMs === null ? '' : `, ${duration(etaMs)} left`}`);
  };
}
