import { byId } from './byId.js';

const KEY = 'spatialgan-theme';

/** Follows the system's light or dark until the button chooses one, which is remembered. */
export function followTheme(): void {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const set = (theme: string): void => void (root.dataset['theme'] = theme);
  const kept = localStorage.getItem(KEY);
  if (kept === 'light' || kept === 'dark') set(kept);
  byId('theme').addEventListener('click', () => {
    const next = (root.dataset['theme'] ?? (dark.matches ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark';
    set(next);
    localStorage.setItem(KEY, next);
  });
}
