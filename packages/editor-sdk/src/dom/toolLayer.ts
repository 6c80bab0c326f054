import type { EditorTool } from '../tool.js';
import { element } from './element.js';
import type { FaceContext } from './part.js';

/**
 * The canvas on which the current tool draws over the image.
 *
 * Its size comes from an observer: asking for it in a frame would force a layout, and setting it anew would allocate the canvas again.
 */
export function createToolLayer({ editor }: FaceContext) {
  const layer = element('canvas', { class: 'tool-layer', 'aria-hidden': 'true' });
  let side: { readonly width: number; readonly height: number } | undefined;
  let drawn: EditorTool | undefined;
  const draw = (): void => {
    const context = side && drawn?.drawOverlay && layer.getContext('2d');
    if (!context || !side) return;
    const { width, height } = side;
    context.reset();
    context.scale(layer.width / width, layer.height / height);
    drawn?.drawOverlay?.({ canvas: context, toPixels: ({ x, y }) => ({ x: x * width, y: y * height }) }, editor);
  };
  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    side = width > 0 && height > 0 ? { width, height } : undefined;
    layer.width = Math.max(1, Math.round(width * devicePixelRatio));
    layer.height = Math.max(1, Math.round(height * devicePixelRatio));
    draw();
  });
  observer.observe(layer);
  return {
    canvas: layer,
    update(tool: EditorTool | undefined): void {
      drawn = tool;
      layer.hidden = !tool?.drawOverlay;
      draw();
    },
    dispose: () => observer.disconnect(),
  };
}
