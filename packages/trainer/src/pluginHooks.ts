import { isSpatialGANError, type ParamData, readParams, SpatialGANError, tensorsOf, type TrainerPlugin, type TrainingSnapshot, unflattenParams } from '@spatialgan/core';

/** The plugins of a run, in the order in which their hooks run. */
export interface PluginHooks {
  /** Runs a hook of each plugin, one after the other; an error carries the plugin's name. */
  call(hook: (plugin: TrainerPlugin) => unknown): Promise<void>;
  /** What the plugins keep: tensors by checkpoint group, facts by the plugin's name. */
  save(): Promise<{ readonly groups: Readonly<Record<string, ReadonlyMap<string, ParamData>>>; readonly facts: Readonly<Record<string, unknown>> }>;
  restore(snapshot: TrainingSnapshot): void;
}

const ORDER = { pre: 0, post: 2 };
const groupOf = ({ name }: TrainerPlugin): string => `plugin.${name}`;

function named(error: unknown, plugin: string): SpatialGANError {
  if (isSpatialGANError(error) && error.plugin) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new SpatialGANError(isSpatialGANError(error) ? error.code : 'CONFIG', message, { cause: error, plugin });
}

/** Puts 'pre' plugins first and 'post' plugins last; the others stay in the order given. */
export function pluginHooks(given: readonly TrainerPlugin[]): PluginHooks {
  const plugins = [...given].sort((a, b) => (ORDER[a.order!] ?? 1) - (ORDER[b.order!] ?? 1));
  return {
    async call(hook) {
      for (const plugin of plugins) {
        try {
          await hook(plugin);
        } catch (error) {
          throw named(error, plugin.name);
        }
      }
    },
    async save() {
      const groups: Record<string, ReadonlyMap<string, ParamData>> = {};
      const facts: Record<string, unknown> = {};
      for (const plugin of plugins) {
        const tree = plugin.saveState?.();
        if (tree !== undefined) groups[groupOf(plugin)] = await readParams(tree);
        const own = plugin.saveFacts?.();
        if (own !== undefined) facts[plugin.name] = own;
      }
      return { groups, facts };
    },
    restore({ groups, state }) {
      for (const plugin of plugins) {
        const saved = groups[groupOf(plugin)];
        if (saved && plugin.loadState) plugin.loadState(unflattenParams(tensorsOf(saved)));
        const facts = state.plugins?.[plugin.name];
        if (facts !== undefined) plugin.loadFacts?.(facts);
      }
    },
  };
}
