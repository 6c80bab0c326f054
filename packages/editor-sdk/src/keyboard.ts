import { findRegion } from '@spatialgan/schema';
import type { Editor } from './editor.js';

export interface KeyInput {
  /** As in DOM's KeyboardEvent.key. */
  readonly key: string;
  readonly shiftKey?: boolean;
  /** Ctrl or Cmd. */
  readonly command?: boolean;
  readonly altKey?: boolean;
}
/** Steps in image sides: one pixel of a 64×64 image, and with Shift a good stride. */
const STEP = 1 / 64;
const STRIDE = 1 / 10;
const SIZE_FACTOR = 1.1;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
/** Presses of a held key share this; end the transaction at key-up. */
const TRANSACTION = 'keys';

/** Every operation by keyboard; true when the key meant something. */
export function handleKey(editor: Editor, { key, shiftKey = false, command = false, altKey = false }: KeyInput): boolean {
  if (command) return handleCommandKey(editor, key.toLowerCase(), shiftKey);
  if (key === 'Escape') return cancel(editor);
  const { selection, layout } = editor.getState();
  const regions = selection.flatMap((id) => findRegion(layout, id) ?? []);
  const arrow = ARROWS[key];
  const factor = key === '+' || key === '=' ? SIZE_FACTOR : key === '-' || key === '_' ? 1 / SIZE_FACTOR : undefined;
  if (regions.length > 0 && arrow) {
    const step = shiftKey ? STRIDE : STEP;
    for (const { id, center } of regions) {
      const to = { x: center.x + arrow[0] * step, y: center.y + arrow[1] * step };
      if (altKey) editor.dispatch({ type: 'updateRegion', id, patch: { center: to } }, { transaction: TRANSACTION });
      else editor.dispatch({ type: 'moveRegion', id, to }, { transaction: TRANSACTION });
    }
    return true;
  }
  if (regions.length > 0 && factor !== undefined) {
    for (const region of regions) resizeRegion(editor, region.id, factor, TRANSACTION);
    return true;
  }
  if (regions.length > 0 && (key === 'Delete' || key === 'Backspace')) {
    for (const { id } of regions) editor.dispatch({ type: 'removeRegion', id }, { transaction: TRANSACTION });
    editor.endTransaction();
    return true;
  }
  return editor.key(key);
}

/** Scales a region about its center. */
export function resizeRegion(editor: Editor, id: string, factor: number, transaction?: string): void {
  const region = findRegion(editor.getState().layout, id);
  if (!region) return;
  const resized = editor.regionUtil(region.kind).resize(region, { x: factor, y: factor });
  const { id: _id, kind: _kind, center: _center, parentId: _parent, ...patch } = resized;
  editor.dispatch({ type: 'updateRegion', id, patch }, { label: 'Resize region', ...(transaction !== undefined && { transaction }) });
}

function handleCommandKey(editor: Editor, key: string, shiftKey: boolean): boolean {
  if (key === 'z' && !shiftKey) editor.undo();
  else if (key === 'y' || key === 'z') editor.redo();
  else return false;
  return true;
}

function cancel(editor: Editor): boolean {
  const open = editor.history().past.at(-1)?.transaction !== undefined;
  if (open) editor.pointer('cancel', { point: { x: 0, y: 0 } });
  else if (editor.getState().selection.length === 0) return false;
  else editor.select([]);
  return true;
}
