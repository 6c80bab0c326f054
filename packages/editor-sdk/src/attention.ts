import type { RgbaImage } from '@spatialgan/schema';
import { isSameRequest, requestOf } from './document.js';
import type { Editor } from './editor.js';
import type { Unsubscribe } from './emitter.js';
import type { ShownImage } from './state.js';
import { whenIdle } from './whenIdle.js';

type Maps = Readonly<Record<string, RgbaImage>>;
export interface AttentionWatch {
  /** The discriminator's maps of the present document by target name, coarse first; undefined until they have come. */
  maps(): Maps | undefined;
  error(): unknown;
  subscribe(listener: () => void): Unsubscribe;
  dispose(): void;
}

/** Targets are named by their resolution, `b8`, `b16`: coarse first. */
const coarseFirst = (maps: Maps): Maps =>
  Object.fromEntries(Object.entries(maps).sort(([a], [b]) => Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0])));

/** Follows the document with the maps of where the discriminator looks (Fig. 3), while the model is free. For models that ship D. */
export function watchAttention(editor: Editor): AttentionWatch {
  const listeners = new Set<() => void>();
  const life = new AbortController();
  let shown: { readonly maps: Maps; readonly request: ShownImage['request'] } | undefined;
  let asked: ShownImage['request'] | undefined;
  let failed: unknown;
  const wanted = () => requestOf(editor.getState().document);
  const tell = (): void => listeners.forEach((listener) => listener());
  async function ask(request: ShownImage['request']): Promise<void> {
    asked = request;
    try {
      const maps = await whenIdle(editor, life.signal, () => editor.runtime.attention!(request));
      if (life.signal.aborted) return;
      shown = { maps: coarseFirst(maps), request };
      failed = undefined;
    } catch (error) {
      failed = error;
    }
    if (life.signal.aborted) return;
    asked = undefined;
    tell();
    if (failed === undefined) follow();
  }
  function follow(): void {
    const { imageIsCurrent, imageIsFinal } = editor.getState();
    const request = wanted();
    if (!editor.runtime.attention || asked || !imageIsCurrent || !imageIsFinal || (shown && isSameRequest(shown.request, request))) return;
    void ask(request);
  }
  const stop = editor.subscribe(follow);
  follow();
  return {
    maps: () => (shown && isSameRequest(shown.request, wanted()) ? shown.maps : undefined),
    error: () => failed,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    dispose() {
      life.abort();
      stop();
      listeners.clear();
    },
  };
}
