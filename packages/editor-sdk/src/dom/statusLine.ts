import { element, setText } from './element.js';
import type { FaceContext, FacePart } from './part.js';

/** What the editor is doing, on which backend and how fast, and what the tool expects. */
export function createStatusLine({ editor, messages, text }: FaceContext): FacePart {
  const dot = element('span', { class: 'dot', 'aria-hidden': 'true' });
  const state = element('span', { class: 'status-text', 'data-status-text': true });
  const retry = element('button', { type: 'button', class: 'link', hidden: true }, text('retry'));
  retry.addEventListener('click', () => void (editor.getState().layout.levels.some((l) => l.regions.length > 0) ? editor.generate() : editor.reset()));
  const facts = element('span', { class: 'facts' });
  const hint = element('span', { class: 'hint tool-hint' });
  const line = element('div', { class: 'status', part: 'status' }, dot, state, retry, facts, hint);
  return {
    element: line,
    update({ status, error, image, imageIsFinal, milliseconds, toolId, readOnly }) {
      line.dataset['status'] = status;
      const reason = error instanceof Error ? error.message : String(error);
      setText(state, status === 'error' ? text('failed', { reason }) : status === 'idle' ? text('ready') : image ? text(imageIsFinal ? 'synthesizing' : 'preview') : text('loading'));
      retry.hidden = status !== 'error';
      const { backend, imgResolution } = editor.runtime.info;
      const time = milliseconds === undefined ? undefined : text('milliseconds', { value: milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds) });
      setText(facts, [backend, `${imgResolution}×${imgResolution}`, time].filter(Boolean).join(' · '));
      setText(hint, readOnly ? text('readOnly') : (messages.toolHints[toolId] ?? ''));
    },
  };
}
