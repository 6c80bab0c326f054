import { isSpatialGANError, type RgbaImage, type SynthesisRequest } from '@spatialgan/schema';
import { requestOf } from './document.js';
import type { Editor } from './editor.js';
import type { Unsubscribe } from './emitter.js';
import { randomSeed } from './tools/regionActions.js';
import { whenIdle } from './whenIdle.js';

/** 'latents' = one layout under many latents (Fig. 5), 'layouts' = one latent under many layouts (Fig. 8). */
export type GalleryKind = 'latents' | 'layouts';
export interface GalleryItem {
  readonly seed: number;
  readonly request: SynthesisRequest;
  readonly image?: RgbaImage;
}
export interface GalleryState {
  readonly items: readonly GalleryItem[];
  readonly working: boolean;
  readonly error?: unknown;
}
export interface Gallery {
  readonly kind: GalleryKind;
  getState(): GalleryState;
  subscribe(listener: (state: GalleryState) => void): Unsubscribe;
  /** Draws new variations of the present document and makes their images while the model is free. */
  fill(): Promise<void>;
  /** Takes an item into the document, as one undo step. */
  choose(index: number): void;
  dispose(): void;
}
export interface GalleryOptions {
  /** Default 6. */
  readonly count?: number;
  /** Source of the items' seeds. Default: the platform's randomness. */
  readonly randomSeed?: () => number;
}

async function draw(editor: Editor, kind: GalleryKind, seed: number): Promise<GalleryItem> {
  const now = requestOf(editor.getState().document);
  if (kind === 'latents') return { seed, request: { ...now, latent: { kind: 'seed', seed } } };
  return { seed, request: { ...now, layout: await editor.runtime.sampleLayout(seed) } };
}

/** Variations of an editor's document. Its images never delay an edit: they wait, and are begun anew, while the editor works. */
export function createGallery(editor: Editor, kind: GalleryKind, options: GalleryOptions = {}): Gallery {
  const { count = 6, randomSeed: next = randomSeed } = options;
  const listeners = new Set<(state: GalleryState) => void>();
  let state: GalleryState = { items: [], working: false };
  let filling: AbortController | undefined;
  const set = (patch: Partial<GalleryState>): void => {
    state = { ...state, ...patch };
    for (const listener of listeners) listener(state);
  };
  return {
    kind,
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async fill() {
      filling?.abort();
      const { signal } = (filling = new AbortController());
      set({ working: true, error: undefined });
      try {
        const items = await Promise.all(Array.from({ length: count }, () => draw(editor, kind, next())));
        if (signal.aborted) return;
        set({ items });
        for (const [i, { request }] of items.entries()) {
          const image = await whenIdle(editor, signal, (turn) => editor.runtime.synthesize(request, { signal: turn, quality: 'final' }));
          set({ items: state.items.map((item, j) => (i === j ? { ...item, image } : item)) });
        }
        set({ working: false });
      } catch (error) {
        if (!signal.aborted && !isSpatialGANError(error, 'ABORTED')) set({ working: false, error });
      }
    },
    choose(index) {
      const item = state.items[index];
      if (!item) return;
      if (kind === 'latents') editor.dispatch({ type: 'setLatent', latent: item.request.latent });
      else editor.dispatch({ type: 'setLayout', layout: item.request.layout });
    },
    dispose() {
      filling?.abort();
      listeners.clear();
    },
  };
}
