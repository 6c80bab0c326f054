import { homedir } from 'node:os';
import { join } from 'node:path';
import type { MetricResult } from '@spatialgan/metrics';
import type { StoredModel } from '@spatialgan/model';

const kimgOf = ({ provenance }: StoredModel): number | null => (typeof provenance?.['kimg'] === 'number' ? provenance['kimg'] : null);

/** One line of a run's metrics.jsonl, and what `--out` writes. */
export const metricRecord = (stored: StoredModel, data: string | null, results: readonly MetricResult[]): Readonly<Record<string, unknown>> => ({
  format: 1, model: stored.config.name, kimg: kimgOf(stored), data, results,
});

/** Where features of data sets are kept between runs. */
export const defaultCache = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'spatialgan', 'features');
