import type { Editor } from '@spatialgan/editor-sdk';
import { byId } from './byId.js';

const KEY = 'spatialgan-has-dragged';

/** Says what to do, until the first region has been moved on this browser. */
export function showFirstHint(editor: Editor): void {
  const hint = byId('first-hint');
  hint.hidden = localStorage.getItem(KEY) !== null;
  if (hint.hidden) return;
  const stop = editor.on('command', ({ command: { type } }) => {
    if (!/^move|^update/.test(type)) return;
    stop();
    localStorage.setItem(KEY, '1');
    hint.hidden = true;
  });
}
