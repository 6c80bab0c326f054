import type { MetricResult } from '@spatialgan/metrics';

/** Four digits that count. */
export const shortNumber = (value: number): string => {
  if (!Number.isFinite(value)) return 'not a number';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-4 ? value.toExponential(3) : Number(value.toPrecision(4)).toString();
};

const titles: Readonly<Record<string, string>> = {
  fid: 'FID', kid: 'KID', precision: 'precision', recall: 'recall', inceptionScore: 'Inception score', ppl: 'PPL', coMoveRatio: 'Co-move ratio',
  attentionConsistency: 'attention consistency',
};

/** A metric's name for people; attention is told apart by level. */
export function metricTitle({ metric, details }: Pick<MetricResult, 'metric' | 'details'>): string {
  const level = details['level'];
  return (titles[metric] ?? metric) + (typeof level === 'string' ? ` ${level}` : '');
}

const fromWhat = ({ counts, extractor, resize, seed, version }: MetricResult): string =>
  [
    Object.entries(counts).map(([role, count]) => `${count} ${role}`).join(', '),
    ...(extractor ? [`${extractor.name} ${extractor.version}${resize && resize !== 'none' ? `, ${resize}` : ''}`] : []),
    `seed ${seed ?? '-'}`, `version ${version}`,
  ].join('; ');

/** Results as lines with aligned columns, and every warning once. */
export function metricTable(results: readonly MetricResult[]): { readonly lines: readonly string[]; readonly warnings: readonly string[] } {
  const rows = results.map((result) => [
    metricTitle(result), shortNumber(result.value),
    result.interval ? `${shortNumber(result.interval.low)} to ${shortNumber(result.interval.high)}` : '-', fromWhat(result),
  ]);
  const all = [['metric', 'value', '95 % interval', 'from'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  return { lines, warnings: [...new Set(results.flatMap(({ warnings }) => warnings.map(({ message }) => message)))] };
}
