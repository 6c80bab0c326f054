import { findRegion, regionsOf } from '@spatialgan/schema';
import type { Editor } from './editor.js';
import { duplicateRegions, removeRegions, toggleLock } from './tools/regionActions.js';
import { resizeRegion, rotateRegion } from './tools/shape.js';

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
const ANGLE = Math.PI / 36;
const FADE = 0.1;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};
/** Presses of a held key share this; end the transaction at key-up. */
const TRANSACTION = 'keys';

/** What a key does to each selected region. */
const EACH: Readonly<Record<string, (editor: Editor, id: string) => void>> = {
  '+': (editor, id) => resizeRegion(editor, id, SIZE_FACTOR, TRANSACTION),
  '-': (editor, id) => resizeRegion(editor, id, 1 / SIZE_FACTOR, TRANSACTION),
  ']': (editor, id) => rotateRegion(editor, id, ANGLE, TRANSACTION),
  '[': (editor, id) => rotateRegion(editor, id, -ANGLE, TRANSACTION),
  '}': (editor, id) => resizeRegion(editor, id, { x: SIZE_FACTOR, y: 1 / SIZE_FACTOR }, TRANSACTION),
  '{': (editor, id) => resizeRegion(editor, id, { x: 1 / SIZE_FACTOR, y: SIZE_FACTOR }, TRANSACTION),
  '.': (editor, id) => fade(editor, id, FADE),
  ',': (editor, id) => fade(editor, id, -FADE),
};
const SAME: Readonly<Record<string, string>> = { '=': '+', '_': '-', '>': '.', '<': ',' };

function fade(editor: Editor, id: string, by: number): void {
  const weight = Math.min(1, Math.max(0, (findRegion(editor.getState().layout, id)?.weight ?? 0) + by));
  editor.dispatch({ type: 'updateRegion', id, patch: { weight } }, { transaction: TRANSACTION, label: 'Fade region' });
}

/** Every operation by keyboard; true when the key meant something. */
export function handleKey(editor: Editor, input: KeyInput): boolean {
  const { key } = input;
  if (input.command) return handleCommandKey(editor, input);
  if (key === 'Escape') return cancel(editor);
  const { selection } = editor.getState();
  if (selection.length === 0) return editor.key(key);
  const each = EACH[SAME[key] ?? key];
  if (ARROWS[key]) moveBy(editor, input);
  else if (each) selection.forEach((id) => each(editor, id));
  else if (key === 'Delete' || key === 'Backspace') removeRegions(editor, selection);
  else return editor.key(key);
  return true;
}

/** Whether a key is one that is held to go on, so that letting it go ends the undo step. */
export const isHeldKey = (key: string): boolean => key in ARROWS || (SAME[key] ?? key) in EACH;

function moveBy(editor: Editor, { key, shiftKey = false, altKey = false }: KeyInput): void {
  const { selection: ids, layout } = editor.getState();
  const step = shiftKey ? STRIDE : STEP;
  const by = { x: ARROWS[key]![0] * step, y: ARROWS[key]![1] * step };
  const lead = findRegion(layout, ids[0]!)!.center;
  if (altKey) {
    for (const { id, center } of ids.flatMap((one) => findRegion(layout, one) ?? [])) {
      const to = { x: center.x + by.x, y: center.y + by.y };
      editor.dispatch({ type: 'updateRegion', id, patch: { center: to } }, { transaction: TRANSACTION, label: 'Move region alone' });
    }
  } else if (ids.length > 1) editor.dispatch({ type: 'moveRegions', ids, by }, { transaction: TRANSACTION });
  else editor.dispatch({ type: 'moveRegion', id: ids[0]!, to: { x: lead.x + by.x, y: lead.y + by.y } }, { transaction: TRANSACTION });
}

function handleCommandKey(editor: Editor, { key: pressed, shiftKey }: KeyInput): boolean {
  const key = pressed.toLowerCase();
  const { selection, layout } = editor.getState();
  if (key === 'z' && !shiftKey) editor.undo();
  else if (key === 'y' || key === 'z') editor.redo();
  else if (key === 'a') editor.select(regionsOf(layout).map(({ id }) => id));
  else if (key === 'd' && selection.length > 0) duplicateRegions(editor, selection);
  else if (key === 'l' && shiftKey && selection.length > 0) toggleLock(editor, selection);
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
