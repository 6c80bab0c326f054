const KEY = 'spatialgan-theme';
const THEMES = ['auto', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

export interface ThemeChoice {
  readonly themes: readonly Theme[];
  get(): Theme;
  choose(theme: Theme): void;
  /** Between light and dark, from what is seen now. */
  toggle(): void;
}

/** The page's colours: the system's, until others are chosen, which is remembered. */
export function createTheme(onChange: (theme: Theme) => void): ThemeChoice {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const kept = localStorage.getItem(KEY);
  let theme: Theme = THEMES.find((one) => one === kept) ?? 'auto';
  root.dataset['theme'] = theme;
  const choose = (next: Theme): void => {
    theme = next;
    root.dataset['theme'] = next;
    localStorage.setItem(KEY, next);
    onChange(next);
  };
  return {
    themes: THEMES,
    get: () => theme,
    choose,
    toggle: () => choose((theme === 'light' || theme === 'dark' ? theme : dark.matches ? 'dark' : 'light') === 'dark' ? 'light' : 'dark'),
  };
}
