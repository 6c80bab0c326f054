import { createAttentionView } from './attentionView.js';
import { element, setAttributes, setText } from './element.js';
import { createHandles } from './handles.js';
import { HEATMAP_GRID, paintOverlay } from './heatmapView.js';
import { createImageView } from './imageView.js';
import { createOutlines } from './outlines.js';
import { whenChanged, type FaceContext, type FacePart } from './part.js';
import { listenToPointers } from './stagePointer.js';
import { createToolLayer } from './toolLayer.js';
import type { View } from './view.js';

/** The picture with everything that can be grabbed on it, and the original beside or under it. */
export function createStage(context: FaceContext): FacePart {
  const { editor, text } = context;
  const edited = createImageView({ class: 'image', part: 'image', 'data-image': 'edited', 'aria-label': text('edited') });
  const original = createImageView({ class: 'image', part: 'image', 'data-image': 'original', 'aria-label': text('original') });
  const wiped = createImageView({ class: 'wiped', 'data-image': 'wiped', 'aria-label': text('original') });
  const attention = createAttentionView(context);
  const overlay = element('canvas', { class: 'overlay', width: HEATMAP_GRID, height: HEATMAP_GRID, 'aria-hidden': 'true' });
  const toolLayer = createToolLayer(context);
  const wipeLine = element('div', { class: 'wipe-line', 'aria-hidden': 'true' });
  const badge = element('span', { class: 'badge', hidden: true });
  const outlines = createOutlines(context);
  const handles = createHandles(context);
  const stage = element('div', { class: 'stage', part: 'stage', dir: 'ltr' },
    edited.canvas, overlay, attention.canvas, wiped.canvas, wipeLine, outlines.element, toolLayer.canvas, handles.element, badge);
  const wipe = createWipe(context);
  const before = element('figure', { class: 'pane pane-original' }, element('div', { class: 'frame' }, original.canvas), element('figcaption', {}, text('original')));
  const after = element('figure', { class: 'pane pane-edited' }, stage, element('figcaption', {}, text('edited')), wipe.element);
  const panes = element('div', { class: 'panes' }, before, after);
  const stopPointers = listenToPointers(stage, handles, context);
  const ifOverlay = whenChanged();
  const ifHandles = whenChanged();
  return {
    element: element('div', { class: 'stage-area' }, panes),
    update(state, view) {
      const { layout, activeLevel, selection, toolId, readOnly, document } = state;
      edited.show(state.image, view.pixelated);
      if (view.compare === 'side') original.show(state.original, view.pixelated);
      if (view.compare === 'wipe') wiped.show(state.original, view.pixelated);
      before.hidden = view.compare !== 'side';
      wipe.update(view);
      wiped.canvas.hidden = wipeLine.hidden = view.compare !== 'wipe' || !state.original;
      wiped.canvas.style.clipPath = `inset(0 ${((1 - view.wipe) * 100).toFixed(2)}% 0 0)`;
      wipeLine.style.left = `${view.wipe * 100}%`;
      panes.classList.toggle('is-comparing', view.compare === 'side');
      panes.classList.toggle('is-wiping', view.compare === 'wipe');
      overlay.hidden = !view.overlay;
      if (view.overlay) ifOverlay([layout, activeLevel, context.levelColor(activeLevel).join()], () => paintOverlay(overlay, layout, activeLevel, context));
      attention.update(state, view);
      ifHandles([document, selection, toolId, readOnly, view.hiddenLevels], () => {
        outlines.update(state, view);
        handles.update(state, view);
      });
      const stale = state.image !== undefined && !state.imageIsCurrent && state.synthesis === 'manual' && state.status === 'idle';
      badge.hidden = !stale;
      setText(badge, stale ? text('outOfDate') : '');
      setAttributes(stage, { 'data-current': String(state.imageIsCurrent), 'data-final': String(state.imageIsFinal), 'data-status': state.status, 'data-tool': toolId });
      const tool = editor.tools().find(({ id }) => id === toolId);
      stage.style.cursor = tool?.cursor ?? '';
      toolLayer.update(tool);
    },
    dispose() {
      stopPointers();
      attention.dispose();
      toolLayer.dispose();
      for (const image of [edited, original, wiped]) image.dispose();
    },
  };
}

/** The line between original (left) and edited: a slider, so that keys move it too. The image has a left in every language. */
function createWipe({ view, text }: FaceContext) {
  const input = element('input', { type: 'range', class: 'wipe', dir: 'ltr', min: 0, max: 1, step: 0.01, 'aria-label': text('wipePosition') });
  input.addEventListener('input', () => view.set({ wipe: Number(input.value) }));
  const root = element('label', { class: 'wipe-row', dir: 'ltr' }, element('span', {}, text('original')), input, element('span', {}, text('edited')));
  return {
    element: root,
    update({ compare, wipe }: View): void {
      root.hidden = compare !== 'wipe';
      if (Number(input.value) !== wipe) input.value = String(wipe);
      input.style.setProperty('--fill', `${wipe * 100}%`);
    },
  };
}
