import { stat, readFile } from 'node:fs/promises';
import { isSpatialGANError, type ParamData, SpatialGANError, type TrainingSnapshot } from '@spatialgan/core';
import { type ModelConfig, readModel, type Transferred, transferParams } from '@spatialgan/model';
import { modelPath } from './modelPath.js';
import { openRunFolder } from './runFolder.js';

type Params = ReadonlyMap<string, ParamData>;

/** Networks that a new run begins with. */
export interface InitNetworks {
  /** Where they are from, for a person. */
  readonly title: string;
  readonly config: ModelConfig;
  readonly G: Params;
  readonly gEma: Params;
  /** Absent when a model was stored without. */
  readonly D?: Params | undefined;
}

/**
 * Networks of a run's newest checkpoint, or of a model file (exported, converted from PyTorch).
 *
 * @throws SpatialGANError 'CHECKPOINT' when there are none.
 */
export async function openInit(given: string, note: (text: string) => void): Promise<InitNetworks> {
  const path = modelPath(given, '--init');
  if ((await stat(path)).isDirectory()) {
    const run = await openRunFolder(path);
    const loaded = await run.load();
    if (!loaded) throw new SpatialGANError('CHECKPOINT', `--init: ${path} has no checkpoint yet`);
    loaded.notes.forEach(note);
    const { groups, state } = loaded.snapshot;
    return { title: `networks of kimg ${(state.images / 1000).toFixed(3)}`, config: run.config.run.model, G: groups['G']!, gEma: groups['gEma']!, D: groups['D'] };
  }
  if (/\.(pkl|pt|pth)$/i.test(path)) {
    throw new SpatialGANError('CHECKPOINT', `--init: expected a run's folder or a .safetensors model, got '${path}'; turn it into one first: spatialgan convert ${path} model.safetensors`);
  }
  const { config, G, D } = readModel(await readFile(path));
  return { title: `networks of ${config.name}`, config, G, gEma: G, D };
}

/** The options that would make a run's networks those of another configuration. */
function sizeHint(from: ModelConfig, here: ModelConfig): string {
  const options = (config: ModelConfig): Readonly<Record<string, unknown>> => ({
    '--latent-dim': config.generator.zDim, '--channel-base': config.generator.channelBase, '--channel-max': config.generator.channelMax,
    '--resolution': config.generator.imgResolution, 'the mapping layers (see --cfg)': config.generator.mapping?.numLayers,
    'the labels (see --cond)': config.generator.cDim ?? 0, 'the encoder (see --preset, --config)': config.encoder?.kind ?? 'none',
  });
  const [theirs, ours] = [options(from), options(here)];
  const differ = Object.keys(theirs).filter((name) => theirs[name] !== ours[name]);
  return differ.map((name) => `${name} ${String(theirs[name] ?? 'unknown')} (here ${String(ours[name] ?? 'unknown')})`).join(', ');
}

/**
 * A fresh state with those networks in it, as far as they have a place there; moments and counters begin anew.
 *
 * @returns what to tell the user: what was taken and what stayed fresh.
 * @throws SpatialGANError 'CHECKPOINT' when shapes differ.
 */
export function withNetworks(fresh: TrainingSnapshot, init: InitNetworks, here: ModelConfig): { readonly snapshot: TrainingSnapshot; readonly notes: readonly string[] } {
  const transfer = (name: string, group: 'G' | 'D' | 'gEma', source: Params): Transferred => {
    try {
      return transferParams(name, fresh.groups[group]!, source);
    } catch (cause) {
      if (!isSpatialGANError(cause)) throw cause;
      const hint = sizeHint(init.config, here);
      throw new SpatialGANError('CHECKPOINT', `--init: ${init.title} do not fit: ${cause.message}${hint === '' ? '' : `; they are of ${hint}`}; train with their sizes, or start from others`, { cause });
    }
  };
  const [G, gEma] = [transfer('G', 'G', init.G), transfer('G', 'gEma', init.gEma)];
  const D = init.D && transfer('D', 'D', init.D);
  const list = (paths: readonly string[]): string => `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', …' : ''}`;
  const describe = (name: string, { taken, fresh: left, unused }: Transferred): string =>
    `  ${name}: ${taken.length} tensors taken` + (left.length > 0 ? `, ${left.length} stay fresh (${list(left)})` : '') + (unused.length > 0 ? `, ${unused.length} have no place here (${list(unused)})` : '');
  return {
    snapshot: { ...fresh, groups: { ...fresh.groups, G: G.params, gEma: gEma.params, ...(D ? { D: D.params } : {}) } },
    notes: [`initialized with ${init.title}`, describe('G', G), D ? describe('D', D) : '  D: all fresh, the model was stored without'],
  };
}
