import { isHeldKey, type KeyInput } from '@spatialgan/editor-sdk';

/** Where keys mean text, or belong to the control that has the focus. */
const FIELDS = 'input, textarea, select, [contenteditable]';

export interface Shortcuts {
  /** By key: `e`, `?`, `Ctrl+s`. */
  readonly actions: Readonly<Record<string, () => void>>;
  readonly isReady: () => boolean;
  /** Is offered what the page has no use for: the editor's keys, when the focus is on neither. */
  readonly otherwise: (key: KeyInput) => boolean;
}

/** Runs actions by key, unless a dialog is open, a field has the focus or the editor has taken the key. */
export function listenToShortcuts({ actions, isReady, otherwise }: Shortcuts): void {
  addEventListener('keydown', (event) => {
    const { key, altKey, shiftKey } = event;
    const [target] = event.composedPath();
    if (event.defaultPrevented || altKey || !isReady() || document.querySelector('dialog[open]')) return;
    const command = event.ctrlKey || event.metaKey;
    if (!command && target instanceof Element && target.closest(FIELDS)) return;
    const run = actions[`${command ? 'Ctrl+' : ''}${key.toLowerCase()}`];
    if (run) run();
    else if (!isForEditor(key, target) || !otherwise({ key, shiftKey, altKey, command })) return;
    event.preventDefault();
  });
}

/** Undo and the tools' letters work from anywhere, Delete and Escape where nothing has the focus; keys that are held, on the image only. */
const isForEditor = (key: string, target: EventTarget | undefined): boolean =>
  !isHeldKey(key) && (target === document.body || (key.length === 1 && key !== ' ' && target instanceof Element && target.closest(FIELDS) === null));
