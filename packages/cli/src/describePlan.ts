import { countParams, createRng, disposeParams, flattenParams, type LossPlugin, type ParamTree } from '@spatialgan/core';
import type { BuiltModel } from '@spatialgan/model';
import type { RunFile } from './runFile.js';

/** What a run would be made of. */
export interface PlannedParts {
  readonly model: BuiltModel;
  readonly losses: readonly LossPlugin[];
  /** Where it would be written. */
  readonly outdir: string;
}

function size(name: string, tree: ParamTree, isFrozen: (path: string) => boolean): string {
  const frozen = [...flattenParams(tree)].filter(([path]) => isFrozen(path)).reduce((sum, [, leaf]) => sum + leaf.size, 0);
  const line = `${name} ${countParams(tree).toLocaleString('en')} numbers${frozen > 0 ? `, ${frozen.toLocaleString('en')} of them not trained` : ''}`;
  disposeParams(tree);
  return line;
}

/** What `--dry-run` says: all that was decided, in lines for a person, and nothing written. */
export function describePlan({ run, seed, schedule, data }: RunFile, { model, losses, outdir }: PlannedParts): readonly string[] {
  const { training } = run;
  const { generator, discriminator } = model;
  const steps = Math.ceil((schedule.kimg * 1000) / training.batch);
  const sites = model.heatmapChannels.size === 0 ? 'not steered by heatmaps' : `steered by ${run.model.encoder!.kind} at ${[...model.heatmapChannels].map(([r, K]) => `${r} (${K})`).join(', ')}`;
  return [
    `dry run: nothing is written; it would go to ${outdir}`,
    `networks ${run.model.name}: images of ${generator.imgResolution}x${generator.imgResolution}, ${generator.numWs} codes of ${generator.wDim} for each image, ${sites}`,
    `  ${size('G', generator.init(createRng(seed)), generator.isBuffer)}`,
    `  ${size('D', discriminator.init(createRng(seed)), (path) => discriminator.isBuffer?.(path) ?? false)}`,
    `losses: ${losses.map(({ name, interval = 1 }) => (interval > 1 ? `${name} every ${interval} steps` : name)).join(', ')}`,
    `training: batch ${training.batch}, ${steps.toLocaleString('en')} steps to kimg ${schedule.kimg}, lr ${training.lrG}, gamma ${training.r1.gamma}, average of ${training.ema.kimg} kimg` +
      `${training.ema.rampup === null ? '' : ` (ramp-up ${training.ema.rampup})`}, style mixing ${training.styleMixingProb}, ` +
      `augmentation ${training.augment ? `${training.augment.pipe}${training.augment.target === null ? ` at ${training.augment.p}` : ` towards ${training.augment.target}`}` : 'none'}`,
    `data: ${data.source}${data.mirror ? ', mirrored at random' : ''}${data.cond ? `, ${generator.cDim} labels` : ''}; seed ${seed}`,
  ];
}
