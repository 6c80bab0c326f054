import type { EditorState } from '../state.js';
import { element } from './element.js';
import { whenChanged, type FaceContext, type FacePart } from './part.js';
import { disclosure } from './section.js';

/** Steps shown on either side of the present. */
const AROUND = 40;

/** Every step, the present one marked; press one to go there. */
export function createHistorySection({ editor, text, stepName }: FaceContext): FacePart {
  const list = element('ol', { class: 'history' });
  const root = disclosure('history', text('history'), list);
  const ifChanged = whenChanged();
  const item = (label: string, position: number, present: number): HTMLElement => {
    const button = element('button', {
      type: 'button', class: `history-step${position > present ? ' is-undone' : ''}`, 'data-position': position, ...(position === present && { 'aria-current': 'step' }),
    }, label);
    button.addEventListener('click', () => editor.jumpTo(position));
    return element('li', {}, button);
  };
  const update = ({ readOnly }: Pick<EditorState, 'readOnly'>): void => {
    const { past, future } = editor.history();
    ifChanged([past, future, readOnly, root.open], () => {
      if (!root.open) return;
      const focused = list.querySelector<HTMLElement>(':focus')?.dataset['position'];
      const labels = [text('start'), ...past.map(stepName), ...[...future].reverse().map(stepName)];
      list.replaceChildren(...labels.map((label, i) => item(label, i, past.length)).filter((_li, i) => Math.abs(i - past.length) <= AROUND));
      for (const button of list.querySelectorAll('button')) button.disabled = readOnly;
      const current = list.querySelector<HTMLElement>('[aria-current]');
      if (current) list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 2;
      if (focused !== undefined) list.querySelector<HTMLElement>(`[data-position="${focused}"]`)?.focus();
    });
  };
  root.addEventListener('toggle', () => update(editor.getState()));
  return { element: root, update };
}
