import { SpatialGANError, findRegion, levelOf, type LatentSpec } from '@spatialgan/schema';
import { commandLabels, type EditorCommand } from './commands.js';
import { createDocument, emptyLayout, type EditorDocument } from './document.js';
import type { DispatchOptions, Editor, EditorEvents, EditorOptions } from './editor.js';
import { createEmitter } from './emitter.js';
import { cancelTransaction, closeTransaction, emptyHistory, recordEntry, redoEntry, undoEntry, type History } from './history.js';
import { regionAt } from './hitTest.js';
import { createPluginHost, type PluginHost } from './pluginHost.js';
import { createPointerInput } from './pointerInput.js';
import { standardPlugin } from './standardPlugin.js';
import { createStore, type Store } from './store.js';
import { createSynthesis, type Synthesis } from './synthesis.js';

const platformSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;

interface Parts {
  readonly store: Store;
  readonly host: PluginHost;
  readonly events: ReturnType<typeof createEmitter<EditorEvents>>;
  readonly synthesis: Synthesis;
  readonly options: EditorOptions;
}

/**
 * Makes a headless editor over a model.
 *
 * Runs in plain Node: knows neither the DOM nor tensors. The caller owns the runtime.
 */
export function createEditor(options: EditorOptions): Editor {
  const document = createDocument(options.layout ?? emptyLayout, options.latent ?? { kind: 'seed', seed: 0 });
  const store = createStore({
    document: { ...document, truncationPsi: options.truncationPsi ?? 1 },
    history: emptyHistory, selection: [], activeLevel: 0, toolId: 'move', busy: false,
    synthesis: options.synthesis ?? 'auto', readOnly: options.readOnly ?? false,
  });
  const events = createEmitter<EditorEvents>();
  const parts: Parts = {
    store, events, options, host: createPluginHost(), synthesis: createSynthesis(options.runtime, store, events),
  };
  let disposed = false;
  const live = (where: string): void => {
    if (disposed) throw new SpatialGANError('DISPOSED', `${where}: the editor is disposed; make a new one`);
  };
  const reset = createReset(parts, () => editor, () => disposed);
  const editor: Editor = {
    ...documentActions(parts, () => editor, live),
    ...sessionActions(parts, () => editor),
    runtime: options.runtime,
    ready: Promise.resolve(),
    reset: (resetOptions) => (live('reset'), reset(resetOptions)),
    generate: () => (live('generate'), parts.synthesis.generate()),
    dispose() {
      if (disposed) return;
      disposed = true;
      parts.synthesis.dispose();
      parts.host.dispose();
      events.emit('dispose', {});
      events.clear();
      store.clear();
    },
  };
  for (const plugin of [standardPlugin, ...(options.plugins ?? [])]) parts.host.add(plugin, editor);
  if (options.layout) parts.synthesis.follow();
  return Object.assign(editor, { ready: options.layout ? Promise.resolve() : reset({}, 'initial') });
}

type LiveCheck = (where: string) => void;
type DocumentActions = Pick<Editor, 'dispatch' | 'endTransaction' | 'cancelTransaction' | 'undo' | 'redo' | 'history'>;

function documentActions({ store, host, events, synthesis, options }: Parts, self: () => Editor, live: LiveCheck): DocumentActions {
  const adopt = (document: EditorDocument, history: History, transaction?: string): void => {
    const { selection, activeLevel } = store.model();
    store.set({
      document, history, selection: selection.filter((id) => findRegion(document.layout, id)),
      activeLevel: Math.min(activeLevel, document.layout.levels.length - 1),
    });
    synthesis.follow(transaction);
  };
  const step = (where: 'undo' | 'redo'): void => {
    live(where);
    const { history, readOnly } = store.model();
    const stepped = readOnly ? undefined : (where === 'undo' ? undoEntry : redoEntry)(history);
    if (!stepped) return;
    adopt(stepped.document, stepped.history);
    const entry = (where === 'undo' ? stepped.history.future : stepped.history.past).at(-1)!;
    events.emit(where, { entry });
  };
  return {
    dispatch(command: EditorCommand, { transaction, label }: DispatchOptions = {}) {
      live('dispatch');
      const { readOnly } = store.model();
      const filtered = readOnly ? { refusedBy: 'readOnly' } : host.filter(command, self());
      if ('refusedBy' in filtered) return events.emit('refused', { command, by: filtered.refusedBy });
      const { document: before, history } = store.model();
      const after = host.reduce(before, filtered.command);
      if (after === before) return;
      const { type } = filtered.command;
      const entry = { label: label ?? commandLabels[type] ?? type, commandType: type, before, after, transaction };
      adopt(after, recordEntry(history, entry, options.historyLimit ?? 5000), transaction);
      events.emit('command', { command: filtered.command, document: after });
    },
    endTransaction: () => store.set({ history: closeTransaction(store.model().history) }),
    cancelTransaction() {
      const cancelled = cancelTransaction(store.model().history);
      if (cancelled) adopt(cancelled.document, cancelled.history);
    },
    undo: () => step('undo'),
    redo: () => step('redo'),
    history: () => store.model().history,
  };
}

type SessionActions = Omit<Editor, keyof DocumentActions | 'runtime' | 'ready' | 'reset' | 'generate' | 'dispose'>;

function sessionActions({ store, host, events, synthesis, options }: Parts, self: () => Editor): SessionActions {
  const tools = () => host.tools().filter((tool) => tool.isAvailable?.(options.runtime) ?? true);
  return {
    ...createPointerInput(self),
    getState: store.state,
    subscribe: store.subscribe,
    on: events.on,
    select(ids) {
      const { document, activeLevel } = store.model();
      const known = ids.filter((id) => findRegion(document.layout, id));
      const level = known[0] === undefined ? activeLevel : levelOf(document.layout, known[0]);
      store.set({ selection: known, activeLevel: level });
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
    setReadOnly: (readOnly) => store.set({ readOnly }),
    use: (plugin) => host.add(plugin, self()),
  };
}

function createReset({ store, synthesis, events, options }: Parts, self: () => Editor, isDisposed: () => boolean) {
  let newest = 0;
  const draw = options.randomSeed ?? platformSeed;
  return async ({ seed = draw(), latent }: Parameters<Editor['reset']>[0] = {}, kind?: 'initial'): Promise<void> => {
    const ticket = ++newest;
    const fresh: LatentSpec | undefined = latent === 'new' ? { kind: 'seed', seed: draw() % 100_000 } : latent;
    store.set({ busy: true });
    try {
      const layout = await options.runtime.sampleLayout(seed);
      if (ticket !== newest || isDisposed()) return;
      if (kind !== 'initial') return self().dispatch({ type: 'reset', layout, ...(fresh && { latent: fresh }) });
      store.set({ document: { ...store.model().document, layout, originalLayout: layout } });
      synthesis.follow();
    } catch (error) {
      if (ticket !== newest || isDisposed()) return;
      store.set({ error, busy: false });
      events.emit('error', { error });
    }
  };
}
