import type { EditorDocument } from './document.js';

/** One undo step. Documents share all that did not change, so keeping both ends is cheap. */
export interface HistoryEntry {
  readonly label: string;
  /** Type of the command that opened the step. */
  readonly commandType: string;
  readonly before: EditorDocument;
  readonly after: EditorDocument;
  /** Later changes with the same name join this step while it is the open one. */
  readonly transaction?: string | undefined;
}
export interface History {
  /** Oldest first. */
  readonly past: readonly HistoryEntry[];
  /** Next to be redone last. */
  readonly future: readonly HistoryEntry[];
  /** The future that the open transaction would forget; comes back when it is cancelled. */
  readonly suspended?: readonly HistoryEntry[] | undefined;
}
export const emptyHistory: History = { past: [], future: [] };

interface Step {
  readonly history: History;
  readonly document: EditorDocument;
}

/** Adds a step, or widens the newest one when both belong to one open transaction. Forgets the future and what exceeds `limit`. */
export function recordEntry(history: History, entry: HistoryEntry, limit: number): History {
  const top = history.past.at(-1);
  if (top && entry.transaction !== undefined && top.transaction === entry.transaction) {
    return { ...history, past: [...history.past.slice(0, -1), { ...top, after: entry.after }] };
  }
  const suspended = entry.transaction === undefined ? undefined : history.future;
  return { past: [...history.past, entry].slice(-limit), future: [], suspended };
}

/** Puts another document in place of the present one: the newest step leads to it, or goes when nothing is left of it. */
export function amendEntry(history: History, document: EditorDocument): History {
  const top = history.past.at(-1);
  if (!top) return history;
  const past = history.past.slice(0, -1);
  return { past: top.before === document ? past : [...past, { ...top, after: document }], future: [] };
}

/** Closes the open transaction: the next change starts a step of its own. */
export function closeTransaction(history: History): History {
  const top = history.past.at(-1);
  if (top?.transaction === undefined) return history;
  const { transaction: _closed, ...entry } = top;
  return { past: [...history.past.slice(0, -1), entry], future: history.future };
}

/** The history without its open transaction, and the document before it; undefined when none is open. */
export function cancelTransaction(history: History): Step | undefined {
  const top = history.past.at(-1);
  if (top?.transaction === undefined) return undefined;
  return { history: { past: history.past.slice(0, -1), future: history.suspended ?? [] }, document: top.before };
}

/** The history after undoing its newest step, and the document to show; undefined when there is none. */
export function undoEntry(history: History): Step | undefined {
  const closed = closeTransaction(history);
  const top = closed.past.at(-1);
  return top && { history: { past: closed.past.slice(0, -1), future: [...closed.future, top] }, document: top.before };
}

/** The history after redoing, and the document to show; undefined when there is nothing to redo. */
export function redoEntry(history: History): Step | undefined {
  const top = history.future.at(-1);
  return top && { history: { past: [...history.past, top], future: history.future.slice(0, -1) }, document: top.after };
}

/** The history after so many steps from its beginning, and the document to show. */
export function historyAt(history: History, document: EditorDocument, position: number): Step {
  let step: Step = { history: closeTransaction(history), document };
  while (step.history.past.length > position) step = undoEntry(step.history) ?? step;
  while (step.history.past.length < position && step.history.future.length > 0) step = redoEntry(step.history) ?? step;
  return step;
}
