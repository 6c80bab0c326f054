import type { Editor } from '../editor.js';
import { element } from './element.js';
import type { EditorMessages } from './messages.js';
import { describeRegion, listRegions } from './regionList.js';

/** A held key or a drag is spoken once it rests, in milliseconds. */
const REST = 350;

export interface Announcer {
  readonly element: HTMLElement;
  say(text: string): void;
  dispose(): void;
}

/** A polite live region that tells what changed. */
export function createAnnouncer(editor: Editor, messages: EditorMessages): Announcer {
  const live = element('div', { class: 'visually-hidden', 'aria-live': 'polite', role: 'status' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (text: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => (live.textContent = text), REST);
  };
  const name = (commandType: string, label: string): string => messages.commands[commandType] ?? label;
  const stops = [
    editor.on('command', ({ command }) => {
      const at = 'id' in command ? listRegions(editor.getState()).find(({ region }) => region.id === command.id) : undefined;
      const step = editor.getState().undoable;
      if (at) say(`${messages.regionName(at.level, at.number)}: ${describeRegion(editor, at, messages)}`);
      else if (step) say(name(step.commandType, step.label));
    }),
    editor.on('undo', ({ entry }) => say(messages.undone(name(entry.commandType, entry.label)))),
    editor.on('redo', ({ entry }) => say(messages.redone(name(entry.commandType, entry.label)))),
    editor.on('refused', () => say(messages.refused)),
    editor.on('error', ({ error }) => say(messages.failed(error instanceof Error ? error.message : String(error)))),
  ];
  return {
    element: live,
    say,
    dispose() {
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}
