import { findRegion, levelOf, type Point, type Region } from '@spatialgan/schema';
import { resizeRegion } from '../tools/shape.js';
import type { Handles } from './handles.js';
import type { FaceContext } from './part.js';

/** How far from a handle a press still means it, in CSS pixels: fingers are wider than arrows. */
const REACH = { mouse: 16, pen: 18, touch: 26 } as const;
const reachOf = (type: string): number => REACH[type as keyof typeof REACH] ?? REACH.mouse;

/** Turns pointer events on the stage into the editor's; one pointer drags, a second one pinches the size. */
export function listenToPointers(stage: HTMLElement, handles: Handles, { editor, view }: FaceContext): () => void {
  const abort = new AbortController();
  const pointers = new Map<number, Point>();
  let dragging: number | undefined;
  let spread: number | undefined;

  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = stage.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  };
  const inputOf = (event: PointerEvent) => ({
    point: pointOf(event), buttons: event.buttons, shiftKey: event.shiftKey, altKey: event.altKey,
  });
  const spreadOf = (): number => {
    const [a, b] = [...pointers.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  };
  const targetOf = (event: PointerEvent): { readonly region: Region | undefined; readonly handle?: 'center' | 'size' } => {
    const { layout, selection } = editor.getState();
    const id = handles.nearest(event.clientX, event.clientY, reachOf(event.pointerType));
    const onGrip = event.composedPath().some((node) => node instanceof Element && node.classList.contains('grip'));
    if (onGrip && selection[0] !== undefined) return { region: findRegion(layout, selection[0]), handle: 'size' };
    if (id !== undefined) return { region: findRegion(layout, id), handle: 'center' };
    const under = editor.regionAt(pointOf(event));
    return { region: under && !view.get().hiddenLevels.has(levelOf(layout, under.id)) ? under : undefined };
  };
  const end = (phase: 'up' | 'cancel') => (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
    spread = undefined;
    if (event.pointerId !== dragging) return;
    dragging = undefined;
    stage.classList.remove('is-dragging');
    editor.pointer(phase, inputOf(event));
  };
  const on = <K extends 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel' | 'lostpointercapture'>(type: K, listener: (event: PointerEvent) => void): void =>
    stage.addEventListener(type, listener, { signal: abort.signal });

  on('pointerdown', (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, pointOf(event));
    if (dragging !== undefined) {
      spread = spreadOf();
      return;
    }
    dragging = event.pointerId;
    const target = targetOf(event);
    stage.classList.add('is-dragging');
    editor.pointer('down', { ...inputOf(event), ...target });
    const focused = target.region ?? undefined;
    if (focused && findRegion(editor.getState().layout, focused.id)) handles.focus(focused.id);
  });
  on('pointermove', (event) => {
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, pointOf(event));
    if (spread !== undefined && pointers.size === 2) {
      const next = spreadOf();
      for (const id of editor.getState().selection) resizeRegion(editor, id, next / Math.max(spread, 0.01), 'drag');
      spread = next;
    } else if (event.pointerId === dragging) editor.pointer('move', inputOf(event));
  });
  on('pointerup', end('up'));
  on('pointercancel', end('cancel'));
  on('lostpointercapture', end('cancel'));
  return () => abort.abort();
}
