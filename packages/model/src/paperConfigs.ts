import { SpatialGANError } from '@spatialgan/core';
import type { AlignmentConfig, ModelConfig } from './modelConfig.js';
import { presetConfig, type PresetOptions, type RunConfig } from './presets.js';

type Change = (run: RunConfig) => RunConfig;

const withModel = (change: Partial<ModelConfig>): Change => (run) => ({ ...run, model: { ...run.model, ...change } });
const withAlignment = (change: Partial<AlignmentConfig> | null): Change => (run) => {
  const { alignment } = run.training;
  return { ...run, training: { ...run.training, alignment: change && alignment ? { ...alignment, ...change } : null } };
};
const all = (...changes: readonly Change[]): Change => (run) => changes.reduce((changed, change) => change(changed), run);

const same: Change = (run) => run;
const multiObject = withModel({ sampler: { kind: 'multiObject' } });
const indoor = withModel({ encoder: { kind: 'indoor' } });

/** What each configuration changes in the preset `paper`. */
const changes = {
  'baseline': all(withModel({ encoder: null }), withAlignment(null)),
  'sel': withAlignment(null),
  'sel-align': same,
  'sampling/noise': withModel({ sampler: { kind: 'noise' } }),
  'sampling/independent': withModel({ sampler: { kind: 'independent', preset: 'paper' } }),
  'sampling/hierarchical': same,
  'encoding/flatten': withModel({ encoder: { kind: 'flatten' } }),
  'encoding/concat': withModel({ encoder: { kind: 'concat' } }),
  'encoding/norm': same,
  'processing/coarse': same,
  'processing/fine': (run) => withModel({ renderer: { ...run.model.renderer, size: 'image' } })(run),
  'indoor/conference': same,
  'indoor/multi-object': multiObject,
  'indoor/sel': all(multiObject, indoor),
  'indoor/sel-align': all(multiObject, indoor, withAlignment({ kind: 'minimum' })),
} as const satisfies Readonly<Record<string, Change>>;

/** A row of the paper's tables. */
export type PaperConfigName = keyof typeof changes;

/** Every row of the paper's ablation tables by name: components, sampling, encoding, processing, indoor. */
export const paperConfigNames = Object.keys(changes) as readonly PaperConfigName[];

/**
 * The configuration of a row of the paper's tables: the preset `paper`, one thing changed (docs/paper-map.md).
 *
 * Rows that differ by name only (`sel-align`, `sampling/hierarchical`, …) are the method itself, as in the paper.
 *
 * @throws SpatialGANError 'CONFIG' on an unknown name.
 */
export function paperConfig(name: PaperConfigName, options: PresetOptions): RunConfig {
  if (!Object.hasOwn(changes, name)) {
    throw new SpatialGANError('CONFIG', `config: expected one of ${paperConfigNames.join(', ')}, got '${String(name)}'`);
  }
  const run = changes[name](presetConfig('paper', options));
  return { ...run, model: { ...run.model, name: `${name.replace('/', '-')}${options.imgResolution}` } };
}
