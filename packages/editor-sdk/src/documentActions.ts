import { findRegion } from '@spatialgan/schema';
import { commandLabels, type EditorCommand } from './commands.js';
import type { EditorDocument } from './document.js';
import type { DispatchOptions, Editor } from './editor.js';
import type { EditorParts } from './editorParts.js';
import {
  amendEntry, cancelTransaction, closeTransaction, emptyHistory, historyAt, recordEntry, redoEntry, undoEntry, type History,
} from './history.js';
import { readSnapshot, snapshotOf } from './snapshot.js';

export type DocumentActions = Pick<
  Editor,
  | 'dispatch' | 'transaction' | 'endTransaction' | 'cancelTransaction' | 'undo' | 'redo' | 'jumpTo' | 'amend' | 'history'
  | 'getSnapshot' | 'loadSnapshot'
>;

/** All that changes the document and its history. */
export function documentActions({ store, host, events, synthesis, options, live, self }: EditorParts): DocumentActions {
  const adopt = (document: EditorDocument, history: History, transaction?: string): void => {
    const { selection, activeLevel, document: previous } = store.model();
    const kept = selection.filter((id) => findRegion(document.layout, id));
    store.set({
      document, history, selection: kept.length === selection.length ? selection : kept,
      activeLevel: Math.min(activeLevel, document.layout.levels.length - 1),
    });
    synthesis.follow(transaction);
    if (document !== previous) events.emit('change', { document, previous });
  };
  const step = (where: 'undo' | 'redo'): void => {
    live(where);
    const { history, readOnly } = store.model();
    const stepped = readOnly ? undefined : (where === 'undo' ? undoEntry : redoEntry)(history);
    if (!stepped) return;
    adopt(stepped.document, stepped.history);
    const entry = (where === 'undo' ? stepped.history.future : stepped.history.past).at(-1)!;
    events.emit(where, { entry });
  };
  const cancel = (): void => {
    const cancelled = cancelTransaction(store.model().history);
    if (cancelled) adopt(cancelled.document, cancelled.history);
  };
  const close = (): void => {
    store.set({ history: closeTransaction(store.model().history) });
    synthesis.settle();
  };
  let group: { readonly name: string; readonly label: string } | undefined;
  let groups = 0;
  return {
    dispatch(command: EditorCommand, { transaction, label }: DispatchOptions = {}) {
      live('dispatch');
      const { readOnly } = store.model();
      const filtered = readOnly ? { refusedBy: 'readOnly' } : host.filter(command, self());
      if ('refusedBy' in filtered) return events.emit('refused', { command, by: filtered.refusedBy });
      const { document: before, history } = store.model();
      const after = host.reduce(before, filtered.command);
      if (after === before) return;
      const { type } = filtered.command;
      const named = group?.name ?? transaction;
      const entry = { label: group?.label ?? label ?? commandLabels[type] ?? type, commandType: type, before, after, transaction: named };
      adopt(after, recordEntry(history, entry, options.historyLimit ?? 5000), named);
      events.emit('command', { command: filtered.command, document: after });
    },
    transaction(label, run) {
      live('transaction');
      if (group) return run();
      close();
      const { name } = (group = { name: `transaction ${++groups}`, label });
      try {
        return run();
      } catch (error) {
        if (store.model().history.past.at(-1)?.transaction === name) cancel();
        throw error;
      } finally {
        group = undefined;
        close();
      }
    },
    endTransaction: close,
    cancelTransaction: cancel,
    undo: () => step('undo'),
    redo: () => step('redo'),
    jumpTo(position) {
      live('jumpTo');
      const { history, document, readOnly } = store.model();
      const target = Math.max(0, Math.trunc(position));
      if (readOnly || target === history.past.length) return;
      const back = target < history.past.length;
      const stepped = historyAt(history, document, target);
      const entry = (back ? stepped.history.future : stepped.history.past).at(-1);
      adopt(stepped.document, stepped.history);
      if (entry) events.emit(back ? 'undo' : 'redo', { entry });
    },
    amend(document) {
      live('amend');
      if (document !== store.model().document) adopt(document, amendEntry(store.model().history, document));
    },
    history: () => store.model().history,
    getSnapshot: () => snapshotOf(store.model()),
    loadSnapshot(snapshot) {
      live('loadSnapshot');
      const { document, session } = readSnapshot(snapshot);
      const { toolId, ...rest } = session;
      store.set({ selection: [], ...rest });
      adopt(document, emptyHistory);
      if (self().tools().some(({ id }) => id === toolId)) self().setTool(toolId!);
    },
  };
}
