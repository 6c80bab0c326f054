import type { Editor } from '../editor.js';
import type { EditorState, HistoryLabel } from '../state.js';
import { format } from './format.js';
import type { EditorMessages } from './messages.js';
import type { View, ViewStore } from './view.js';

export type TextKey = keyof EditorMessages['text'];

/** What every part of the face is given. */
export interface FaceContext {
  readonly editor: Editor;
  readonly messages: EditorMessages;
  readonly view: ViewStore;
  /** A message with its `{names}` filled in. */
  text(key: TextKey, values?: Readonly<Record<string, string | number>>): string;
  stepName(step: Pick<HistoryLabel, 'label'>): string;
  /** CSS colour of a level as [r, g, b], 0..255. */
  levelColor(level: number): readonly [number, number, number];
  announce(text: string): void;
}
/** A piece of the face: its element, and how it follows the state. Called at most once a frame. */
export interface FacePart {
  readonly element: HTMLElement;
  update(state: EditorState, view: View): void;
  dispose?(): void;
}

export function wordsOf(messages: EditorMessages): Pick<FaceContext, 'messages' | 'text' | 'stepName'> {
  return {
    messages,
    text: (key, values) => (values ? format(messages.text[key], values) : messages.text[key]),
    stepName: ({ label }) => messages.steps[label] ?? label,
  };
}

/** Calls `run` only when one of the values differs from the last call's. */
export function whenChanged(): (values: readonly unknown[], run: () => void) => void {
  let last: readonly unknown[] | undefined;
  return (values, run) => {
    if (last && last.length === values.length && values.every((value, i) => Object.is(value, last?.[i]))) return;
    last = values;
    run();
  };
}
