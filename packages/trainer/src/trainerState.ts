import { clone } from '@tensorflow/tfjs-core';
import {
  cloneParams, type DiscriminatorModel, disposeParams, flattenParams, type GeneratorModel, type LossPlugin,
  type NamedTensors, type ParamData, type ParamTree, readParams, type Rng, SpatialGANError, tensorsOf,
  type TrainingSnapshot, withLeaves,
} from '@spatialgan/core';
import { type AdamState, disposeAdamState, type Optimizer } from './optim/adam.js';

/** Everything that changes while training; the trainer owns the tensors. */
export interface TrainerState {
  G: ParamTree;
  D: ParamTree;
  gEma: ParamTree;
  adamG: AdamState;
  adamD: AdamState;
  losses: Map<string, ParamTree>;
  /** Iterations done. */
  step: number;
  /** Images shown to D. */
  images: number;
}

/** A network's share of the state, for code that serves both. */
export type NetworkName = 'G' | 'D';

export interface Optimizers {
  readonly G: Optimizer;
  readonly D: Optimizer;
}

interface Models {
  readonly generator: GeneratorModel;
  readonly discriminator: DiscriminatorModel;
  readonly losses: readonly LossPlugin[];
  readonly optimizers: Optimizers;
}

/** Which leaves of a network are trained. */
export function trainableOf(models: Pick<Models, 'generator' | 'discriminator'>, network: NetworkName): (path: string) => boolean {
  if (network === 'G') return (path) => !models.generator.isBuffer(path);
  return (path) => !models.discriminator.isBuffer?.(path);
}

/** Fresh parameters, moments and loss states. */
export function initTrainerState(models: Models, rng: Rng): TrainerState {
  const G = models.generator.init(rng.split('G'));
  const D = models.discriminator.init(rng.split('D'));
  const losses = models.losses.flatMap((loss) => (loss.init ? [[loss.name, loss.init() as ParamTree] as const] : []));
  return {
    G,
    D,
    gEma: cloneParams(G),
    adamG: models.optimizers.G.init(G, trainableOf(models, 'G')),
    adamD: models.optimizers.D.init(D, trainableOf(models, 'D')),
    losses: new Map(losses),
    step: 0,
    images: 0,
  };
}

/** A second owner of the same values: costs memory only for what the first one changes. */
export function cloneTrainerState(state: TrainerState): TrainerState {
  const twins = (leaves: NamedTensors): NamedTensors => new Map([...leaves].map(([path, leaf]) => [path, clone(leaf)]));
  const moments = ({ m, v, step }: AdamState): AdamState => ({ m: twins(m), v: twins(v), step });
  const { G, D, gEma, adamG, adamD, losses, step, images } = state;
  return {
    G: cloneParams(G), D: cloneParams(D), gEma: cloneParams(gEma), adamG: moments(adamG), adamD: moments(adamD),
    losses: new Map([...losses].map(([name, tree]) => [name, cloneParams(tree)])),
    step, images,
  };
}

/** Frees every tensor of the state. */
export function disposeTrainerState(state: TrainerState): void {
  disposeParams([state.G, state.D, state.gEma, ...state.losses.values()]);
  disposeAdamState(state.adamG);
  disposeAdamState(state.adamD);
}

/** Frees the leaves of `old` that `next` no longer holds. */
export function disposeReplaced(old: NamedTensors, next: NamedTensors): void {
  for (const [path, leaf] of old) if (next.get(path) !== leaf) leaf.dispose();
}

/** Puts new values in a network's place and frees what they replace. */
export function replaceNetwork(state: TrainerState, network: NetworkName, next: ParamTree, adam?: AdamState): void {
  const moments = network === 'G' ? 'adamG' : 'adamD';
  disposeReplaced(flattenParams(state[network]), flattenParams(next));
  state[network] = next;
  if (!adam) return;
  disposeReplaced(state[moments].m, adam.m);
  disposeReplaced(state[moments].v, adam.v);
  state[moments] = adam;
}

const treeOf = (leaves: NamedTensors): ParamTree => Object.fromEntries(leaves);

/** Everything with tensors, by checkpoint group. */
function treesOf(state: TrainerState): Readonly<Record<string, ParamTree>> {
  const losses = [...state.losses].map(([name, tree]) => [`loss.${name}`, tree] as const);
  return {
    G: state.G,
    D: state.D,
    gEma: state.gEma,
    'adamG.m': treeOf(state.adamG.m),
    'adamG.v': treeOf(state.adamG.v),
    'adamD.m': treeOf(state.adamD.m),
    'adamD.v': treeOf(state.adamD.v),
    ...Object.fromEntries(losses),
  };
}

/** Reads a state back. */
export async function readTrainerState(state: TrainerState, cursor: unknown): Promise<TrainingSnapshot> {
  const groups: Record<string, Map<string, ParamData>> = {};
  for (const [name, tree] of Object.entries(treesOf(state))) groups[name] = await readParams(tree);
  const { step, images, adamG, adamD } = state;
  return { groups, state: { step, images, adamStepsG: adamG.step, adamStepsD: adamD.step, cursor } };
}

function assertFits(name: string, like: NamedTensors, values: ReadonlyMap<string, ParamData> | undefined): void {
  const missing = [...like.keys()].filter((path) => !values?.has(path));
  const unknown = [...(values?.keys() ?? [])].filter((path) => !like.has(path));
  if (missing.length > 0 || unknown.length > 0) {
    const list = (paths: readonly string[]): string => (paths.length === 0 ? '' : ` (${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', …' : ''})`);
    throw new SpatialGANError(
      'CHECKPOINT',
      `resume: ${name}: ${missing.length} tensors are missing${list(missing)} and ${unknown.length} are unknown${list(unknown)}; ` +
        'the checkpoint belongs to another configuration',
    );
  }
  for (const [path, leaf] of like) {
    const got = values!.get(path)!.shape;
    if (got.join() !== leaf.shape.join()) {
      throw new SpatialGANError('CHECKPOINT', `resume: ${name}.${path}: expected shape [${leaf.shape}], got [${got}]`);
    }
  }
}

/**
 * A state with a snapshot's values; `state` gives the structure and is disposed.
 *
 * @throws SpatialGANError 'CHECKPOINT' when names or shapes do not fit; `state` is then untouched.
 */
export function restoreTrainerState(state: TrainerState, { groups, state: counters }: TrainingSnapshot): TrainerState {
  // All is checked before the first tensor is made, so that a refusal leaves none behind.
  for (const [name, like] of Object.entries(treesOf(state))) assertFits(name, flattenParams(like), groups[name]);
  const tree = <P extends ParamTree>(name: string, like: P): P => withLeaves(like, tensorsOf(groups[name]!));
  const moments = (name: string, step: number): AdamState => ({ m: tensorsOf(groups[`${name}.m`]!), v: tensorsOf(groups[`${name}.v`]!), step });
  const restored: TrainerState = {
    G: tree('G', state.G),
    D: tree('D', state.D),
    gEma: tree('gEma', state.gEma),
    adamG: moments('adamG', counters.adamStepsG),
    adamD: moments('adamD', counters.adamStepsD),
    losses: new Map([...state.losses].map(([name, like]) => [name, tree(`loss.${name}`, like)] as const)),
    step: counters.step,
    images: counters.images,
  };
  disposeTrainerState(state);
  return restored;
}
