import { findRegion, levelOf, type Point, type Region } from '@spatialgan/schema';
import type { RegionHandle } from '../tool.js';
import { resizeRegion, rotateRegion } from '../tools/shape.js';
import type { Handles } from './handles.js';
import type { FaceContext } from './part.js';

/** How far from a handle a press still means it, in CSS pixels: fingers are wider than arrows. */
const REACH = { mouse: 16, pen: 18, touch: 26 } as const;
const reachOf = (type: string): number => REACH[type as keyof typeof REACH] ?? REACH.mouse;

interface Pinch {
  readonly spread: number;
  readonly bearing: number;
}

/** Turns pointer events on the stage into the editor's; one pointer drags, a second one pinches the size and twists the angle. */
export function listenToPointers(stage: HTMLElement, handles: Handles, { editor, view }: FaceContext): () => void {
  const abort = new AbortController();
  const pointers = new Map<number, Point>();
  let dragging: number | undefined;
  let pinch: Pinch | undefined;

  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = stage.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  };
  const inputOf = (event: PointerEvent) => ({
    point: pointOf(event), buttons: event.buttons, shiftKey: event.shiftKey, altKey: event.altKey,
  });
  const pinchNow = (): Pinch | undefined => {
    const [a, b] = [...pointers.values()];
    return a && b && { spread: Math.max(Math.hypot(a.x - b.x, a.y - b.y), 0.01), bearing: Math.atan2(b.y - a.y, b.x - a.x) };
  };
  const targetOf = (event: PointerEvent): { readonly region: Region | undefined; readonly handle?: RegionHandle } => {
    const { layout } = editor.getState();
    const near = handles.nearest(event.clientX, event.clientY, reachOf(event.pointerType));
    if (near) return { region: findRegion(layout, near.id), handle: near.handle };
    const under = editor.regionAt(pointOf(event));
    return { region: under && !view.get().hiddenLevels.has(levelOf(layout, under.id)) ? under : undefined };
  };
  function squeeze(before: Pinch): void {
    const now = pinchNow();
    if (!now) return;
    const turn = Math.atan2(Math.sin(now.bearing - before.bearing), Math.cos(now.bearing - before.bearing));
    for (const id of editor.getState().selection) {
      resizeRegion(editor, id, now.spread / before.spread, 'drag');
      rotateRegion(editor, id, turn, 'drag');
    }
    pinch = now;
  }
  const end = (phase: 'up' | 'cancel') => (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
    pinch = undefined;
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
      pinch = pinchNow();
      return;
    }
    dragging = event.pointerId;
    const target = targetOf(event);
    stage.classList.add('is-dragging');
    editor.pointer('down', { ...inputOf(event), ...target });
    if (target.region && findRegion(editor.getState().layout, target.region.id)) handles.focus(target.region.id);
  });
  on('pointermove', (event) => {
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, pointOf(event));
    if (pinch && pointers.size === 2) squeeze(pinch);
    else if (event.pointerId === dragging) editor.pointer('move', inputOf(event));
  });
  on('pointerup', end('up'));
  on('pointercancel', end('cancel'));
  on('lostpointercapture', end('cancel'));
  return () => abort.abort();
}
