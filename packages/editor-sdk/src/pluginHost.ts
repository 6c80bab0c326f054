import { SpatialGANError, isSpatialGANError, type Region } from '@spatialgan/schema';
import type { CommandReducer, EditorCommand, EditorCommandType } from './commands.js';
import type { EditorDocument } from './document.js';
import type { Editor } from './editor.js';
import type { Unsubscribe } from './emitter.js';
import { standardReducers } from './reducers.js';
import type { EditorPlugin, EditorTool, RegionUtil } from './tool.js';

/** Keeps the plugins of one editor and finds what they contribute; later plugins win. */
export interface PluginHost {
  add(plugin: EditorPlugin, editor: Editor): Unsubscribe;
  tools(): readonly EditorTool[];
  regionUtil(kind: Region['kind']): RegionUtil;
  filter(command: EditorCommand, editor: Editor): { readonly command: EditorCommand } | { readonly refusedBy: string };
  reduce(document: EditorDocument, command: EditorCommand): EditorDocument;
  dispose(): void;
}

function guarded<T>(plugin: EditorPlugin, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (isSpatialGANError(error)) {
      throw new SpatialGANError(error.code, error.message, { cause: error, plugin: plugin.name });
    }
    throw new SpatialGANError('CONFIG', `plugin '${plugin.name}': ${error instanceof Error ? error.message : String(error)}`, {
      cause: error, plugin: plugin.name,
    });
  }
}

/** @throws SpatialGANError 'CONFIG' for a second plugin of one name, an unknown region kind or command type. */
export function createPluginHost(): PluginHost {
  const entries: { readonly plugin: EditorPlugin; cleanup: Unsubscribe | void }[] = [];
  const remove = (plugin: EditorPlugin): void => {
    const at = entries.findIndex((entry) => entry.plugin === plugin);
    if (at >= 0) entries.splice(at, 1).forEach(({ cleanup }) => cleanup?.());
  };
  const plugins = (): readonly EditorPlugin[] => entries.map(({ plugin }) => plugin);
  return {
    add(plugin, editor) {
      if (plugins().some(({ name }) => name === plugin.name)) {
        throw new SpatialGANError('CONFIG', `editor.use: a plugin named '${plugin.name}' is in use; remove it first`);
      }
      const entry: { readonly plugin: EditorPlugin; cleanup: Unsubscribe | void } = { plugin, cleanup: undefined };
      entries.push(entry);
      try {
        entry.cleanup = guarded(plugin, () => plugin.setup?.(editor));
      } catch (error) {
        remove(plugin);
        throw error;
      }
      return () => remove(plugin);
    },
    tools: () => [...new Map(plugins().flatMap((p) => p.tools ?? []).map((tool) => [tool.id, tool])).values()],
    regionUtil(kind) {
      const util = plugins().flatMap((p) => p.regionUtils ?? []).reverse().find((candidate) => candidate.kind === kind);
      if (!util) {
        throw new SpatialGANError('CONFIG', `editor: no plugin knows regions of kind '${kind}'; use one with regionUtils`);
      }
      return util as RegionUtil;
    },
    filter(command, editor) {
      let kept = command;
      for (const plugin of plugins()) {
        const answer = plugin.filterCommand ? guarded(plugin, () => plugin.filterCommand?.(kept, editor)) : kept;
        if (!answer) return { refusedBy: plugin.name };
        kept = answer;
      }
      return { command: kept };
    },
    reduce: (document, command) => reducerOf(plugins(), command.type)(document, command),
    dispose: () => [...plugins()].reverse().forEach(remove),
  };
}

function reducerOf(plugins: readonly EditorPlugin[], type: EditorCommandType): CommandReducer<EditorCommandType> {
  const reducer = [...plugins].reverse().find((plugin) => plugin.reducers?.[type])?.reducers?.[type] ?? standardReducers[type];
  if (!reducer) {
    throw new SpatialGANError('CONFIG', `dispatch: no reducer for command '${String(type)}'; use a plugin that brings one`);
  }
  return reducer as CommandReducer<EditorCommandType>;
}
