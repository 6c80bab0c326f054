import { stateOf, type EditorState, type Model } from './state.js';
import type { Unsubscribe } from './emitter.js';

type Listener = (state: EditorState, previous: EditorState) => void;
export interface Store {
  model(): Model;
  state(): EditorState;
  /** Replaces the given fields and tells the listeners, unless nothing changed. */
  set(patch: Partial<Model>): void;
  subscribe(listener: Listener): Unsubscribe;
  clear(): void;
}

/** The one place of an editor that changes: swaps immutable models. */
export function createStore(initial: Model): Store {
  let model = initial;
  let state = stateOf(initial);
  let listeners: readonly Listener[] = [];
  return {
    model: () => model,
    state: () => state,
    set(patch) {
      const changed = (Object.keys(patch) as (keyof Model)[]).some((key) => patch[key] !== model[key]);
      if (!changed) return;
      const previous = state;
      model = { ...model, ...patch };
      const next = (state = stateOf(model));
      for (const listener of listeners) listener(next, previous);
    },
    subscribe(listener) {
      const own: Listener = (next, previous) => listener(next, previous);
      listeners = [...listeners, own];
      return () => (listeners = listeners.filter((other) => other !== own));
    },
    clear: () => (listeners = []),
  };
}
