import type { ParamData } from '@spatialgan/core';
import { isKind, type PickleInstance } from '../pickle/pickleValues.js';
import { type ElementBudget, type PersistentObject, refuseTorch, tensorFloats, type TorchTensor } from '../torch/torchValues.js';

const maxModules = 10_000;

/** A network of a file: its arrays by state_dict name, and its modules' attributes by path ('' is the network). */
export interface NetworkState {
  readonly arrays: Readonly<Record<string, ParamData>>;
  readonly modules: ReadonlyMap<string, ModuleFacts>;
}

/** What a module says of itself. */
export interface ModuleFacts {
  readonly className: string;
  readonly attributes: ReadonlyMap<unknown, unknown>;
  readonly initKwargs: ReadonlyMap<unknown, unknown>;
}

const asMap = (value: unknown): ReadonlyMap<unknown, unknown> => (value instanceof Map ? value : new Map<unknown, unknown>());

function factsOf(value: unknown): ModuleFacts | undefined {
  if (isKind<PersistentObject>(value, 'persistent')) return { className: value.className, attributes: value.state, initKwargs: value.initKwargs };
  if (isKind<PickleInstance>(value, 'instance') && value.of.startsWith('torch.nn.')) {
    return { className: value.of.replace(/^.*\./, ''), attributes: asMap(value.state), initKwargs: new Map() };
  }
  return undefined;
}

/** Tensors of a flat dict of PyTorch, e.g. a state_dict. Others than tensors are left out. */
export function arraysOf(entries: ReadonlyMap<unknown, unknown>, prefix: string, budget: ElementBudget): Record<string, ParamData> {
  const arrays: Record<string, ParamData> = {};
  for (const [name, value] of entries) {
    if (typeof name === 'string' && isKind<TorchTensor>(value, 'tensor')) arrays[`${prefix}${name}`] = tensorFloats(`${prefix}${name}`, value, budget);
  }
  return arrays;
}

/**
 * Collects a network's parameters and buffers from its modules.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is no network.
 */
export function networkState(network: unknown, budget: ElementBudget): NetworkState {
  const modules = new Map<string, ModuleFacts>();
  const arrays: Record<string, ParamData> = {};
  const visit = (value: unknown, path: string): void => {
    const facts = factsOf(value);
    if (!facts) return;
    modules.set(path, facts);
    // Modules may be named many times over; a network has a few hundred.
    if (modules.size > maxModules) refuseTorch(`a network of more than ${maxModules} modules`);
    const prefix = path === '' ? '' : `${path}.`;
    for (const kind of ['_parameters', '_buffers']) Object.assign(arrays, arraysOf(asMap(facts.attributes.get(kind)), prefix, budget));
    for (const [name, child] of asMap(facts.attributes.get('_modules'))) {
      if (typeof name === 'string' && name.length < 200) visit(child, `${prefix}${name}`);
    }
  };
  visit(network, '');
  if (modules.size === 0) refuseTorch('a network was expected, something else is there');
  return { arrays, modules };
}
