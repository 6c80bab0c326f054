import { element, setAttributes } from './element.js';
import { icon } from './icons.js';
import type { FaceContext, FacePart } from './part.js';

/** The paper's three: Reset, Generate and Auto (§4.2). */
export function createActions({ editor, text }: FaceContext): FacePart {
  const reset = element('button', { type: 'button', class: 'action', 'data-action': 'reset', title: text('resetHint') }, icon('reset'), text('reset'));
  const generate = element('button', { type: 'button', class: 'action is-primary', 'data-action': 'generate', title: text('generateHint') }, icon('generate'), text('generate'));
  const auto = element('button', { type: 'button', class: 'switch', role: 'switch', 'data-action': 'auto', title: text('autoHint') },
    element('span', { class: 'switch-track' }, element('span', { class: 'switch-thumb' })), text('auto'));
  reset.addEventListener('click', () => void editor.reset());
  generate.addEventListener('click', () => void editor.generate());
  auto.addEventListener('click', () => editor.setSynthesis(editor.getState().synthesis === 'auto' ? 'manual' : 'auto'));
  return {
    element: element('div', { class: 'actions', part: 'actions' }, auto, generate, reset),
    update({ synthesis, readOnly, imageIsCurrent }) {
      setAttributes(auto, { 'aria-checked': String(synthesis === 'auto') });
      setAttributes(reset, { disabled: readOnly });
      generate.classList.toggle('is-wanted', synthesis === 'manual' && !imageIsCurrent);
    },
  };
}
