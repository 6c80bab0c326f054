import { SpatialGANError, findRegion, levelOf } from '@spatialgan/schema';
import type { DocumentActions } from './documentActions.js';
import type { Editor } from './editor.js';
import type { EditorParts } from './editorParts.js';
import { regionAt } from './hitTest.js';
import { createPointerInput } from './pointerInput.js';

type SessionActions = Omit<Editor, keyof DocumentActions | 'runtime' | 'ready' | 'reset' | 'generate' | 'dispose'>;
const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((id, i) => id === b[i]);

/** All that changes no document: selection, tools, modes, input. */
export function sessionActions({ store, host, events, synthesis, options, self }: EditorParts): SessionActions {
  const tools = () => host.tools().filter((tool) => tool.isAvailable?.(options.runtime) ?? true);
  return {
    ...createPointerInput(self),
    getState: store.state,
    subscribe: store.subscribe,
    on: events.on,
    select(ids) {
      const { document, activeLevel, selection } = store.model();
      const known = [...new Set(ids)].filter((id) => findRegion(document.layout, id));
      const lead = known.at(-1);
      if (isSame(known, selection)) return;
      store.set({ selection: known, activeLevel: lead === undefined ? activeLevel : levelOf(document.layout, lead) });
      events.emit('select', { selection: known });
    },
    setActiveLevel: (level) =>
      store.set({ activeLevel: Math.max(0, Math.min(level, store.model().document.layout.levels.length - 1)) }),
    setTool(id) {
      const next = tools().find((tool) => tool.id === id);
      if (!next) {
        const known = tools().map((tool) => tool.id).join(', ');
        throw new SpatialGANError('CONFIG', `setTool: expected one of ${known}, got '${id}'`);
      }
      const { toolId } = store.model();
      if (toolId === id) return;
      host.tools().find((tool) => tool.id === toolId)?.onExit?.(self());
      store.set({ toolId: id });
      next.onEnter?.(self());
    },
    tools,
    regionAt: (point) => regionAt(store.state(), point, host.regionUtil),
    regionUtil: host.regionUtil,
    setSynthesis(mode) {
      if (store.model().synthesis === mode) return;
      store.set({ synthesis: mode });
      synthesis.follow();
    },
    setSnap: (snap) => store.set({ snap }),
    setReadOnly: (readOnly) => store.set({ readOnly }),
    use: (plugin) => host.add(plugin, self()),
  };
}
