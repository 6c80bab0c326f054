import { SpatialGANError, validateLayout, type LatentSpec } from '@spatialgan/schema';
import { createDocument, emptyLayout, type EditorDocument } from './document.js';
import { documentActions } from './documentActions.js';
import type { Editor, EditorEvents, EditorOptions } from './editor.js';
import type { EditorParts } from './editorParts.js';
import { createEmitter } from './emitter.js';
import { emptyHistory } from './history.js';
import { capacityPlugin, lockPlugin } from './limits.js';
import { createPluginHost } from './pluginHost.js';
import { sessionActions } from './sessionActions.js';
import { standardPlugin } from './standardPlugin.js';
import { createStore } from './store.js';
import { createSynthesis } from './synthesis.js';

const platformSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;

function firstDocument({ document, layout, latent, truncationPsi }: EditorOptions): EditorDocument {
  return document ?? { ...createDocument(layout ?? emptyLayout, latent ?? { kind: 'seed', seed: 0 }), truncationPsi: truncationPsi ?? 1 };
}

/**
 * Makes a headless editor over a model.
 *
 * Runs in plain Node: knows neither the DOM nor tensors. The caller owns the runtime.
 */
export function createEditor(options: EditorOptions): Editor {
  const store = createStore({
    document: firstDocument(options), history: emptyHistory, selection: [], activeLevel: 0, toolId: 'move', busy: false,
    synthesis: options.synthesis ?? 'auto', readOnly: options.readOnly ?? false, snap: options.snap ?? false,
  });
  const events = createEmitter<EditorEvents>();
  let disposed = false;
  const parts: EditorParts = {
    store, events, options, host: createPluginHost(), synthesis: createSynthesis(options.runtime, store, events),
    self: () => editor,
    isDisposed: () => disposed,
    live(where) {
      if (disposed) throw new SpatialGANError('DISPOSED', `${where}: the editor is disposed; make a new one`);
    },
  };
  const reset = createReset(parts);
  const editor: Editor = {
    ...documentActions(parts),
    ...sessionActions(parts),
    runtime: options.runtime,
    ready: Promise.resolve(),
    reset: (resetOptions) => (parts.live('reset'), reset(resetOptions)),
    generate: () => (parts.live('generate'), parts.synthesis.generate()),
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
  for (const plugin of [standardPlugin, lockPlugin, capacityPlugin, ...(options.plugins ?? [])]) parts.host.add(plugin, editor);
  const given = options.document ?? options.layout;
  if (given) parts.synthesis.follow();
  return Object.assign(editor, { ready: given ? Promise.resolve() : reset({}, 'initial') });
}

function createReset({ store, synthesis, events, options, self, isDisposed }: EditorParts) {
  let newest = 0;
  const draw = options.randomSeed ?? platformSeed;
  return async ({ seed = draw(), latent }: Parameters<Editor['reset']>[0] = {}, kind?: 'initial'): Promise<void> => {
    const ticket = ++newest;
    const fresh: LatentSpec | undefined = latent === 'new' ? { kind: 'seed', seed: draw() % 100_000 } : latent;
    store.set({ busy: true });
    try {
      const layout = validateLayout(await options.runtime.sampleLayout(seed));
      if (ticket !== newest || isDisposed()) return;
      if (kind !== 'initial') return self().dispatch({ type: 'reset', layout, ...(fresh && { latent: fresh }) });
      const { document: previous } = store.model();
      const document = { ...previous, layout, originalLayout: layout };
      store.set({ document });
      synthesis.follow();
      events.emit('change', { document, previous });
    } catch (error) {
      if (ticket !== newest || isDisposed()) return;
      store.set({ error, busy: false });
      events.emit('error', { error });
    }
  };
}
