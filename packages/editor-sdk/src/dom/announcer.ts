import { element } from './element.js';
import type { FaceContext } from './part.js';
import { describeRegion, listRegions, nameOf } from './regionList.js';

/** A held key or a drag is spoken once it rests, in milliseconds. */
const REST = 350;

export interface Announcer {
  readonly element: HTMLElement;
  say(text: string): void;
  listen(context: FaceContext): void;
  dispose(): void;
}

/** A polite live region that tells what changed. */
export function createAnnouncer(): Announcer {
  const live = element('div', { class: 'visually-hidden', 'aria-live': 'polite', role: 'status' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stops: readonly (() => void)[] = [];
  const say = (text: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => (live.textContent = text), REST);
  };
  return {
    element: live,
    say,
    listen(context) {
      const { editor, messages, text, stepName } = context;
      stops = [
        editor.on('command', ({ command }) => {
          const { selection, undoable } = editor.getState();
          const ids = 'id' in command ? [command.id] : 'ids' in command ? command.ids : command.type === 'addRegion' ? [command.region.id] : [];
          const at = listRegions(editor.getState()).filter(({ region }) => ids.includes(region.id));
          if (at.length === 1 && selection.length < 2) say(`${nameOf(context, at[0]!)}: ${describeRegion(context, at[0]!)}`);
          else if (undoable) say(stepName(undoable));
        }),
        editor.on('select', ({ selection }) => {
          if (selection.length === 1) return; // the focus speaks
          const names = listRegions(editor.getState()).filter(({ region }) => selection.includes(region.id)).map((listed) => nameOf(context, listed));
          say(names.length === 0 ? text('nothingSelected') : text('selected', { names: names.length > 4 ? text('regions', { count: names.length }) : names.join('; ') }));
        }),
        editor.on('undo', ({ entry }) => say(text('undone', { step: stepName(entry) }))),
        editor.on('redo', ({ entry }) => say(text('redone', { step: stepName(entry) }))),
        editor.on('refused', ({ by }) => say(messages.refusals[by] ?? messages.refusals['other'] ?? '')),
        editor.on('error', ({ error }) => say(text('failed', { reason: error instanceof Error ? error.message : String(error) }))),
      ];
    },
    dispose() {
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}
