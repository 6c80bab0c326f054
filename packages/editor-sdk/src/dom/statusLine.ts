import { element, setText } from './element.js';
import type { FaceContext, FacePart } from './part.js';

/** What the editor is doing, on which backend and how fast, and what the tool expects. */
export function createStatusLine({ editor, messages }: FaceContext): FacePart {
  const dot = element('span', { class: 'dot', 'aria-hidden': 'true' });
  const state = element('span', { class: 'status-text', 'data-status-text': true });
  const retry = element('button', { type: 'button', class: 'link', hidden: true }, messages.retry);
  retry.addEventListener('click', () => void (editor.getState().layout.levels.some((l) => l.regions.length > 0) ? editor.generate() : editor.reset()));
  const facts = element('span', { class: 'facts' });
  const hint = element('span', { class: 'hint tool-hint' });
  const line = element('div', { class: 'status', part: 'status' }, dot, state, retry, facts, hint);
  return {
    element: line,
    update({ status, error, image, milliseconds, toolId }) {
      line.dataset['status'] = status;
      const reason = error instanceof Error ? error.message : String(error);
      setText(state, status === 'error' ? messages.failed(reason) : status === 'idle' ? messages.ready : image ? messages.synthesizing : messages.loading);
      retry.hidden = status !== 'error';
      const { backend, imgResolution } = editor.runtime.info;
      const time = milliseconds === undefined ? undefined : messages.milliseconds(milliseconds);
      setText(facts, [backend, `${imgResolution}×${imgResolution}`, time].filter(Boolean).join(' · '));
      setText(hint, messages.toolHints[toolId] ?? '');
    },
  };
}
