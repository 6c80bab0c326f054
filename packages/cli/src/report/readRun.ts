import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { MetricResult } from '@spatialgan/metrics';
import type { RunFile } from '../runFile.js';
import { openRunFolder } from '../runFolder.js';

/** A value over training. */
export interface Point {
  readonly kimg: number;
  readonly value: number;
}

/** All that a report tells of one run. */
export interface ReportedRun {
  readonly name: string;
  readonly config: RunFile;
  /** Thousands of images so far. */
  readonly kimg: number;
  /** Of training, as its log says. */
  readonly seconds: number;
  readonly curves: ReadonlyMap<string, readonly Point[]>;
  /** Evaluations, the first one first. */
  readonly metrics: readonly { readonly kimg: number | null; readonly results: readonly MetricResult[] }[];
  /** The newest sheet of samples, and the first one, as PNG. */
  readonly sheets: readonly { readonly file: string; readonly png: Uint8Array }[];
}

/** Lines of JSON; what was cut off or is no object is left out. */
async function jsonLines(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : [];
    } catch {
      return [];
    }
  });
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function curvesOf(lines: readonly Readonly<Record<string, unknown>>[]): ReadonlyMap<string, readonly Point[]> {
  const curves = new Map<string, Point[]>();
  for (const { kimg, stats } of lines) {
    if (!isNumber(kimg) || typeof stats !== 'object' || stats === null) continue;
    for (const [name, value] of Object.entries(stats)) {
      if (isNumber(value)) curves.set(name, [...(curves.get(name) ?? []), { kimg, value }]);
    }
  }
  return curves;
}

const isResult = (value: unknown): value is MetricResult =>
  typeof value === 'object' && value !== null && typeof (value as MetricResult).metric === 'string' && isNumber((value as MetricResult).value);

function metricsOf(lines: readonly Readonly<Record<string, unknown>>[]): ReportedRun['metrics'] {
  return lines.flatMap(({ kimg, results }) => (Array.isArray(results) ? [{ kimg: isNumber(kimg) ? kimg : null, results: results.filter(isResult).map(withDefaults) }] : []));
}

/** Hand-written files may leave parts out. */
const withDefaults = (result: MetricResult): MetricResult => ({
  ...result, interval: result.interval ?? null, details: result.details ?? {}, warnings: result.warnings ?? [], counts: result.counts ?? {}, extractor: result.extractor ?? null,
});

/** Time of all parts of a run; each part's log begins at 0, so that what is less than the line before is of a new part. */
function secondsOf(lines: readonly Readonly<Record<string, unknown>>[]): number {
  const times = lines.flatMap(({ seconds }) => (isNumber(seconds) ? [seconds] : []));
  return times.reduce((sum, time, i) => sum + (i > 0 && time >= times[i - 1]! ? time - times[i - 1]! : time), 0);
}

async function sheetsOf(dir: string): Promise<ReportedRun['sheets']> {
  const names = (await readdir(dir)).filter((name) => /^fakes-\d+\.png$/.test(name)).sort();
  const chosen = names.length > 1 ? [names[0]!, names.at(-1)!] : names;
  return Promise.all(chosen.map(async (file) => ({ file, png: await readFile(join(dir, file)) })));
}

/**
 * Reads a run's folder; nothing of it is computed with.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is none.
 */
export async function readRun(path: string): Promise<ReportedRun> {
  const { dir, config } = await openRunFolder(path);
  const [stats, metrics, sheets] = await Promise.all([jsonLines(join(dir, 'stats.jsonl')), jsonLines(join(dir, 'metrics.jsonl')), sheetsOf(dir)]);
  const last = stats.at(-1) ?? {};
  return {
    name: basename(resolve(dir)), config, kimg: isNumber(last['kimg']) ? last['kimg'] : 0, seconds: secondsOf(stats),
    curves: curvesOf(stats), metrics: metricsOf(metrics), sheets,
  };
}
