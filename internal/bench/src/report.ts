import type { ConvolutionRate } from './convolutions.js';
import type { Orientation } from './configurations.js';

/** Milliseconds of one configuration. */
export interface StepTimes {
  readonly name: string;
  readonly ms: Orientation;
  /** The same pieces with PyTorch on two cores of the reference machine, for orientation only. */
  readonly pytorch: Orientation;
}

/** Everything a run of the benchmark measured. */
export interface BenchReport {
  readonly backend: string;
  readonly node: string;
  readonly cores: number;
  /** Load average of the last minute before and after; other work on the machine shows here. */
  readonly load: readonly [before: number, after: number];
  readonly rounds: number;
  readonly convolutions: readonly ConvolutionRate[];
  readonly steps: readonly StepTimes[];
}

const LABELS: Readonly<Record<keyof Orientation, string>> = {
  Gmain: 'Gmain with alignment', Dmain: 'Dmain', Dreg: 'Dreg (R1)', image1: '1 image', image16: '16 images',
};

/** A Markdown table of the convolution rates. */
export function convolutionTable(rates: readonly ConvolutionRate[]): string {
  const rows = rates.map(({ name, ms, gflops, ratio }) => `| ${name} | ${ms.toFixed(1)} | ${gflops.toFixed(1)} | ${ratio.toFixed(2)} |`);
  return ['| 3×3, 64→64, 64×64, batch 8 | ms | GFLOP/s | rate / stock forward |', '|---|--:|--:|--:|', ...rows].join('\n');
}

/** A Markdown table of a configuration's step times beside PyTorch's. */
export function stepTable({ name, ms, pytorch }: StepTimes): string {
  const keys = Object.keys(LABELS) as (keyof Orientation)[];
  const rows = keys.map((key) => `| ${LABELS[key]} | ${ms[key].toFixed(0)} | ${pytorch[key]} | ${(ms[key] / pytorch[key]).toFixed(2)} |`);
  return [`| ${name} | ms | PyTorch ms | ours / PyTorch |`, '|---|--:|--:|--:|', ...rows].join('\n');
}
