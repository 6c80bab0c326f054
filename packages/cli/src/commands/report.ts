import type { Command } from 'commander';
import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import { examples, type Frame } from '../commandFrame.js';
import type { Output } from '../output.js';
import { ownVersion } from '../ownVersion.js';
import { readRun, type ReportedRun } from '../report/readRun.js';
import { reportPage } from '../report/reportPage.js';

/** Options of `spatialgan report`, as commander gives them. */
export interface ReportOptions {
  readonly out: string;
  readonly title?: string;
}

/** Writes one page about runs; nothing is computed, so that it works while they train. */
export async function report(paths: readonly string[], options: ReportOptions, output: Output): Promise<number> {
  const runs: ReportedRun[] = [];
  for (const path of paths) runs.push(await readRun(path));
  const title = options.title ?? (runs.length === 1 ? `Report of ${runs[0]!.name}` : `Report of ${runs.length} runs`);
  const page = reportPage(runs, { title, version: ownVersion() });
  await writeFileAtomic(options.out, page);
  output.info(`${options.out}: ${runs.length} run${runs.length === 1 ? '' : 's'}, ${(page.length / 2 ** 20).toFixed(1)} MiB; open it in a browser`);
  return 0;
}

/** Defines `spatialgan report`. */
export function addReport(program: Command, { run, output }: Frame): void {
  program
    .command('report')
    .description('write one self-contained HTML page about runs: metrics, curves, images, attention, what differs')
    .argument('<runs...>', "runs' folders, or their numbers")
    .option('--out <file>', 'where to write', 'report.html')
    .option('--title <text>', "the page's title")
    .addHelpText('after', examples('report runs/00003', 'report runs/00001 runs/00002 runs/00003 --out seeds.html'))
    .action((runs: readonly string[], options: ReportOptions) => run(() => report(runs, options, output)));
}
