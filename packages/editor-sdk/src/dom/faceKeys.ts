import type { Editor } from '../editor.js';
import type { Unsubscribe } from '../emitter.js';
import { handleKey, isHeldKey } from '../keyboard.js';

/** Where keys belong to the control that has the focus. */
const FIELDS = 'input, textarea, select, [contenteditable]';

/** Hands keys of the face to the editor, unless the focused control needs them. */
export function listenToKeys(editor: Editor, root: HTMLElement): Unsubscribe {
  const down = (event: KeyboardEvent): void => {
    const focused = event.target as HTMLElement;
    const { key, shiftKey, altKey } = event;
    const command = event.ctrlKey || event.metaKey;
    const onImage = focused.closest('.stage') !== null;
    const isCommand = command && ['z', 'y', 'd'].includes(key.toLowerCase());
    if (focused.closest(FIELDS) && !(isCommand && focused.matches('[type=range]')) && key !== 'Escape') return;
    if (!onImage && !command && key !== 'Escape' && (key.length > 1 || key === ' ')) return;
    if (handleKey(editor, { key, shiftKey, altKey, command })) event.preventDefault();
  };
  const up = ({ key }: KeyboardEvent): void => {
    if (isHeldKey(key) || key === 'Alt' || key === 'Shift') editor.endTransaction();
  };
  root.addEventListener('keydown', down);
  root.addEventListener('keyup', up);
  return () => {
    root.removeEventListener('keydown', down);
    root.removeEventListener('keyup', up);
  };
}
