import type { Unsubscribe } from '../emitter.js';

/** What one face shows of an editor; no part of the document. */
export interface View {
  /** The original: not at all, beside the edited image, or under it up to a line that can be moved. */
  readonly compare: 'off' | 'side' | 'wipe';
  /** Where the wipe's line is, from the left, in [0, 1]. */
  readonly wipe: number;
  /** The active level's heatmap over the image. */
  readonly overlay: boolean;
  /** The discriminator's attention over the image. */
  readonly attention: boolean;
  /** Hard pixels instead of smooth upscaling. */
  readonly pixelated: boolean;
  /** Levels whose regions are not drawn. */
  readonly hiddenLevels: ReadonlySet<number>;
}
export interface ViewStore {
  get(): View;
  set(patch: Partial<View>): void;
  subscribe(listener: () => void): Unsubscribe;
}

/** Holds a view and tells when it changes. */
export function createViewStore(initial: View): ViewStore {
  let view = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => view,
    set(patch) {
      view = { ...view, ...patch };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
