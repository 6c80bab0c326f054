import type { MetricResult } from '@spatialgan/metrics';
import { metricTitle } from '../metrics/metricTable.js';
import type { ReportedRun } from './readRun.js';

/** A metric over runs that differ in their seed only. */
export interface SeedMean {
  readonly title: string;
  readonly runs: number;
  readonly mean: number;
  /** 95 %, Student's; null for one run. */
  readonly interval: readonly [number, number] | null;
}

/** Student's t at 97.5 % for 1 to 30 degrees of freedom. */
const student = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069,
  2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;

/** Mean and interval of independent values. */
export function meanOverSeeds(values: readonly number[]): { readonly mean: number; readonly interval: readonly [number, number] | null } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, interval: null };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const half = ((student[n - 2] ?? 1.96) * deviation) / Math.sqrt(n);
  return { mean, interval: [mean - half, mean + half] };
}

/** What two runs must share to be of one configuration: all that decides the result but the seed. */
const configurationOf = ({ config: { run, data, init } }: ReportedRun): string => JSON.stringify([run, { ...data, source: data.source }, init ?? null]);

/** Runs by configuration, in the order given. */
export function groupBySeeds(runs: readonly ReportedRun[]): readonly (readonly ReportedRun[])[] {
  const groups = new Map<string, ReportedRun[]>();
  for (const run of runs) groups.set(configurationOf(run), [...(groups.get(configurationOf(run)) ?? []), run]);
  return [...groups.values()];
}

/** The last evaluation of each metric of a run, by its title and what it was measured with. */
export function latestResults(run: ReportedRun): ReadonlyMap<string, MetricResult & { readonly kimg: number | null }> {
  const latest = new Map<string, MetricResult & { readonly kimg: number | null }>();
  for (const { kimg, results } of run.metrics) for (const result of results) latest.set(resultKey(result), { ...result, kimg });
  return latest;
}

/** Counts that were asked for; how many moves were matched is an outcome. */
export const askedCounts = ({ counts }: MetricResult): readonly (readonly [role: string, count: number])[] => Object.entries(counts).filter(([role]) => role !== 'matched');

/** Two figures stand in one row only when they were measured alike. */
export const resultKey = (result: MetricResult): string =>
  JSON.stringify([metricTitle(result), result.extractor?.name ?? null, result.extractor?.version ?? null, result.resize ?? null, result.details['segmenter'] ?? null, askedCounts(result)]);

/** Each metric's mean over the runs of a group. */
export function seedMeans(group: readonly ReportedRun[]): ReadonlyMap<string, SeedMean> {
  const values = new Map<string, { title: string; all: number[] }>();
  for (const run of group) {
    for (const [key, result] of latestResults(run)) {
      const found = values.get(key) ?? { title: metricTitle(result), all: [] };
      values.set(key, { ...found, all: [...found.all, result.value] });
    }
  }
  return new Map([...values].map(([key, { title, all }]) => [key, { title, runs: all.length, ...meanOverSeeds(all) }]));
}
