export type Unsubscribe = () => void;

export interface Emitter<Events> {
  on<K extends keyof Events>(event: K, listener: (payload: Events[K]) => void): Unsubscribe;
  emit<K extends keyof Events>(event: K, payload: Events[K]): void;
  clear(): void;
}

/** Typed events; a listener added or removed while an event is under way counts from the next one on. */
export function createEmitter<Events>(): Emitter<Events> {
  type Listener = (payload: never) => void;
  const listeners = new Map<keyof Events, readonly Listener[]>();
  return {
    on(event, listener) {
      const own: Listener = (payload) => listener(payload);
      listeners.set(event, [...(listeners.get(event) ?? []), own]);
      return () => listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== own));
    },
    emit(event, payload) {
      for (const listener of listeners.get(event) ?? []) listener(payload as never);
    },
    clear: () => listeners.clear(),
  };
}
