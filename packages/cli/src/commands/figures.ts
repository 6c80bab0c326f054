import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import { disposeParams, isSpatialGANError, type SpatialGANError } from '@spatialgan/core';
import { buildModel, createLocalRuntime, loadParams } from '@spatialgan/model';
import { backendOption, examples, type Frame, modelHelp, numberIn, whole } from '../commandFrame.js';
import type { FigureContext, NamedSheet } from '../figures/figureContext.js';
import { figures as makers } from '../figures/figures.js';
import { renderSvg } from '../figures/renderSheet.js';
import { sheetSvg } from '../figures/sheet.js';
import { openSubject, openSubjectData } from '../metrics/openSubject.js';
import { openBackend } from '../openBackend.js';
import type { Output } from '../output.js';

/** Options of `spatialgan figures`, as commander gives them. */
export interface FiguresOptions {
  readonly model?: string;
  readonly data?: string;
  readonly figure: readonly string[];
  readonly out: string;
  readonly seed: number;
  readonly truncation: number;
  readonly format: 'png' | 'svg' | 'both';
  readonly backend: string;
}

/** '3,13' → ['3', '13']; 'all' → every one that there is. */
export function parseFigures(text: string): readonly string[] {
  const known = Object.keys(makers);
  const names = text === 'all' ? known : text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(makers, name));
  if (unknown !== undefined) throw new InvalidArgumentError(`Expected some of ${known.join(',')}, or all.`);
  return names;
}

async function write({ name, sheet }: NamedSheet, { out, format }: FiguresOptions, output: Output): Promise<void> {
  const svg = await sheetSvg(sheet);
  const files = [...(format === 'svg' ? [] : [['png', renderSvg(svg)] as const]), ...(format === 'png' ? [] : [['svg', svg] as const])];
  for (const [ending, content] of files) {
    const path = join(out, `${name}.${ending}`);
    await writeFileAtomic(path, content);
    output.info(`${path}: ${sheet.title}`);
  }
}

/** Real images are opened only for figures that show them. */
const showsReal = (figure: string): boolean => figure === '3' || figure === '13';

/** Writes the sheets of the figures that were asked for; of 'all', those that the model cannot make are named and left out. */
export async function figures(options: FiguresOptions, output: Output): Promise<number> {
  const { figure: wanted, seed, truncation } = options;
  const all = wanted.length === Object.keys(makers).length;
  const subject = await openSubject(options.model, output);
  const { stored, run } = subject;
  const backend = await openBackend(options.backend);
  const source = options.data ?? subject.data;
  const opened = wanted.some(showsReal) && source !== undefined ? await openSubjectData(source, stored, output) : undefined;
  const model = buildModel(stored.config);
  const G = loadParams((rng) => model.generator.init(rng), stored.G, 'G');
  const D = stored.D && loadParams((rng) => model.discriminator.init(rng), stored.D, 'D');
  const runtime = createLocalRuntime(stored);
  const kimg = stored.provenance?.['kimg'];
  const context: FigureContext = {
    stored, model, params: { G, ...(D && { D }) }, runtime, seed, truncationPsi: truncation,
    ...(opened && { dataset: opened.dataset }), ...(run !== undefined && { run }),
    source: `SpatialGAN: model ${stored.config.name}${typeof kimg === 'number' ? `, ${Number(kimg.toPrecision(4))} kimg` : ''}; seed ${seed}, truncation ${truncation}${opened ? `; data ${opened.facts.name}` : ''}`,
  };
  try {
    for (const name of wanted) {
      const sheets = await makers[name]!(context).catch((error: unknown) => {
        if (!all || !isLacking(error)) throw error;
        output.warn(error.message);
        return [];
      });
      for (const sheet of sheets) await write(sheet, options, output);
    }
    return 0;
  } finally {
    await runtime.dispose();
    disposeParams(G);
    if (D) disposeParams(D);
    opened?.dataset.dispose?.();
    backend.dispose();
  }
}

const isLacking = (error: unknown): error is SpatialGANError => isSpatialGANError(error, 'CONFIG');

/** Defines `spatialgan figures`. */
export function addFigures(program: Command, { run, output }: Frame): void {
  program
    .command('figures')
    .description("draw the paper's figures of a model: labelled sheets to print")
    .option('--model <path>', modelHelp)
    .option('--data <source>', "real images for figures 3 and 13 (default: the run's own)")
    .option('--figure <list>', `some of ${Object.keys(makers).join(',')}, or all`, parseFigures, Object.keys(makers))
    .option('--out <dir>', 'where to write', 'figures')
    .option('--seed <n>', 'draws layouts, latents and images', whole(0), 0)
    .option('--truncation <psi>', '1 = off, 0 = the mean image', numberIn(-2, 2), 0.7)
    .addOption(new Option('--format <name>', 'PNG, or SVG with real text').choices(['png', 'svg', 'both']).default('png'))
    .addOption(backendOption())
    .addHelpText('after', examples('figures --figure 3,8', 'figures --model runs/00003 --figure all --out sheets --format both'))
    .action((options: FiguresOptions) => run(() => figures(options, output)));
}
