import type { Unsubscribe } from '../emitter.js';
import type { FaceContext } from './part.js';

export interface LevelColors {
  readonly of: FaceContext['levelColor'];
  watch(listener: () => void): Unsubscribe;
}

/** Reads the level colours from the style sheet, anew when the colour scheme or contrast changes. */
export function levelColors(host: HTMLElement): LevelColors {
  const cache = new Map<number, readonly [number, number, number]>();
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read = (level: number): readonly [number, number, number] => {
    if (!context) return [255, 128, 64];
    context.fillStyle = getComputedStyle(host).getPropertyValue(`--sge-level-${level % 4}`).trim() || '#ff8040';
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return [r!, g!, b!];
  };
  return {
    of(level) {
      const color = cache.get(level) ?? read(level);
      cache.set(level, color);
      return color;
    },
    watch(listener) {
      const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) => matchMedia(query));
      const changed = (): void => {
        cache.clear();
        listener();
      };
      for (const query of queries) query.addEventListener('change', changed);
      return () => queries.forEach((query) => query.removeEventListener('change', changed));
    },
  };
}
