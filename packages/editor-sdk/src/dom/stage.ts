import { element, setAttributes, setText } from './element.js';
import { createHandles } from './handles.js';
import { HEATMAP_GRID, paintOverlay } from './heatmapView.js';
import { createImageView } from './imageView.js';
import { createOutlines } from './outlines.js';
import { whenChanged, type FaceContext, type FacePart } from './part.js';
import { listenToPointers } from './stagePointer.js';

/** The picture with everything that can be grabbed on it, and the original beside it. */
export function createStage(context: FaceContext): FacePart {
  const { editor, messages } = context;
  const edited = createImageView({ class: 'image', part: 'image', 'data-image': 'edited', 'aria-label': messages.edited });
  const original = createImageView({ class: 'image', part: 'image', 'data-image': 'original', 'aria-label': messages.original });
  const overlay = element('canvas', { class: 'overlay', width: HEATMAP_GRID, height: HEATMAP_GRID, 'aria-hidden': 'true' });
  const toolLayer = element('canvas', { class: 'tool-layer', 'aria-hidden': 'true' });
  const badge = element('span', { class: 'badge', hidden: true });
  const outlines = createOutlines(context);
  const handles = createHandles(context);
  const stage = element('div', { class: 'stage', part: 'stage' }, edited.canvas, overlay, outlines.element, toolLayer, handles.element, badge);
  const caption = (text: string) => element('figcaption', {}, text);
  const before = element('figure', { class: 'pane pane-original' }, element('div', { class: 'frame' }, original.canvas), caption(messages.original));
  const after = element('figure', { class: 'pane pane-edited' }, stage, caption(messages.edited));
  const panes = element('div', { class: 'panes' }, before, after);
  const stopPointers = listenToPointers(stage, handles, context);
  const ifOverlay = whenChanged();
  const ifHandles = whenChanged();
  return {
    element: element('div', { class: 'stage-area' }, panes),
    update(state, view) {
      edited.show(state.image, view.pixelated);
      original.show(state.original, view.pixelated);
      before.hidden = !view.compare;
      panes.classList.toggle('is-comparing', view.compare);
      overlay.hidden = !view.overlay;
      if (view.overlay) ifOverlay([state.layout, state.activeLevel], () => paintOverlay(overlay, state.layout, state.activeLevel, context));
      ifHandles([state.layout, state.selection, state.toolId, state.readOnly, view.hiddenLevels], () => {
        outlines.update(state, view);
        handles.update(state, view);
      });
      const stale = state.image !== undefined && !state.imageIsCurrent && state.synthesis === 'manual' && state.status === 'idle';
      badge.hidden = !stale;
      setText(badge, stale ? messages.outOfDate : '');
      setAttributes(stage, { 'data-current': String(state.imageIsCurrent), 'data-status': state.status, 'data-tool': state.toolId });
      const tool = editor.tools().find(({ id }) => id === state.toolId);
      stage.style.cursor = tool?.cursor ?? '';
      drawToolLayer(toolLayer, context, tool);
    },
    dispose() {
      stopPointers();
      edited.dispose();
      original.dispose();
    },
  };
}

function drawToolLayer(layer: HTMLCanvasElement, { editor }: FaceContext, tool: ReturnType<FaceContext['editor']['tools']>[number] | undefined): void {
  layer.hidden = !tool?.drawOverlay;
  const canvas = tool?.drawOverlay && layer.getContext('2d');
  if (!canvas) return;
  layer.width = Math.max(1, Math.round(layer.clientWidth * devicePixelRatio));
  layer.height = layer.width;
  tool?.drawOverlay?.({ canvas, toPixels: ({ x, y }) => ({ x: x * layer.width, y: y * layer.height }) }, editor);
}
