import { regionsOf, type Point } from '@spatialgan/schema';
import type { Editor } from '../editor.js';
import type { EditorPointerEvent, OverlayContext } from '../tool.js';

interface Box {
  readonly start: Point;
  readonly before: readonly string[];
  end: Point;
}

/** A rectangle drawn on the image selects the regions whose centers it holds; Shift adds them. */
export function createMarquee() {
  const boxes = new WeakMap<Editor, Box>();
  return {
    isOpen: (editor: Editor) => boxes.has(editor),
    open({ point, shiftKey }: EditorPointerEvent, editor: Editor): void {
      boxes.set(editor, { start: point, end: point, before: shiftKey ? editor.getState().selection : [] });
      if (!shiftKey) editor.select([]);
    },
    stretch({ point }: EditorPointerEvent, editor: Editor): void {
      const box = boxes.get(editor);
      if (!box) return;
      box.end = point;
      const within = (value: number, a: number, b: number): boolean => value >= Math.min(a, b) && value <= Math.max(a, b);
      const held = regionsOf(editor.getState().layout).filter(({ center }) => within(center.x, box.start.x, point.x) && within(center.y, box.start.y, point.y));
      editor.select([...box.before, ...held.map(({ id }) => id)]);
    },
    close: (editor: Editor) => void boxes.delete(editor),
    draw({ canvas, toPixels }: OverlayContext, editor: Editor): void {
      const box = boxes.get(editor);
      if (!box) return;
      const [a, b] = [toPixels(box.start), toPixels(box.end)];
      canvas.fillStyle = '#ffffff22';
      canvas.strokeStyle = '#ffffffdd';
      canvas.lineWidth = 1.5;
      canvas.setLineDash([6, 4]);
      canvas.fillRect(a.x, a.y, b.x - a.x, b.y - a.y);
      canvas.strokeRect(a.x, a.y, b.x - a.x, b.y - a.y);
      canvas.setLineDash([]);
    },
  };
}
