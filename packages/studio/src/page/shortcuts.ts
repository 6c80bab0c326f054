/** Where keys mean text. */
const FIELDS = 'input, textarea, select, [contenteditable]';

/** Runs actions by key (`e`, `?`, `Ctrl+s`), unless a dialog is open, a field has the focus or the editor has taken the key. */
export function listenToShortcuts(actions: Readonly<Record<string, () => void>>, isReady: () => boolean): void {
  addEventListener('keydown', (event) => {
    const [target] = event.composedPath();
    if (event.defaultPrevented || event.altKey || !isReady() || document.querySelector('dialog[open]')) return;
    const command = event.ctrlKey || event.metaKey;
    if (!command && target instanceof Element && target.closest(FIELDS)) return;
    const run = actions[`${command ? 'Ctrl+' : ''}${event.key.toLowerCase()}`];
    if (!run) return;
    event.preventDefault();
    run();
  });
}
