import type { Editor } from '../editor.js';
import type { Unsubscribe } from '../emitter.js';
import { handleKey } from '../keyboard.js';
import { createActions } from './actions.js';
import { createAnnouncer } from './announcer.js';
import { element } from './element.js';
import { englishMessages, type EditorMessages } from './messages.js';
import { createPanel } from './panel.js';
import type { FaceContext, FacePart } from './part.js';
import { createStage } from './stage.js';
import { createStatusLine } from './statusLine.js';
import { faceStyles } from './styles.js';
import { createToolbar } from './toolbar.js';
import { createViewStore } from './view.js';

export interface MountOptions {
  /** Every word of the face. Default: English. */
  readonly messages?: EditorMessages;
  /** Original beside edited at the start. Default: where there is room for both. */
  readonly compare?: boolean;
  /** Default 'auto': the page's `color-scheme`. */
  readonly theme?: 'auto' | 'light' | 'dark';
}
/** Width of the element, in CSS pixels, from which both images fit side by side. */
const ROOM_FOR_TWO = 1100;

/**
 * Shows an editor in an element, inside a shadow root: image with draggable regions, live heatmaps, tools.
 *
 * Touches the DOM only when called. Colours and sizes are CSS custom properties (`--sge-*`), pieces are CSS parts.
 * Returns a function that takes the face away and leaves the editor alive.
 */
export function mountEditor(editor: Editor, target: HTMLElement, options: MountOptions = {}): Unsubscribe {
  const messages = options.messages ?? englishMessages;
  const host = element('div', { class: 'spatialgan-editor', 'data-theme': options.theme ?? 'auto' });
  const shadow = host.attachShadow({ mode: 'open' });
  shadow.adoptedStyleSheets = [faceStyles()];
  target.append(host);
  const view = createViewStore({
    compare: options.compare ?? host.clientWidth >= ROOM_FOR_TWO, overlay: false, pixelated: false, hiddenLevels: new Set(),
  });
  const announcer = createAnnouncer(editor, messages);
  const colors = levelColors(host);
  const context: FaceContext = { editor, messages, view, levelColor: colors.of, announce: announcer.say };
  const parts: readonly FacePart[] = [createToolbar(context), createActions(context), createStage(context), createPanel(context), createStatusLine(context)];
  const root = element('div', { class: 'editor', part: 'editor', role: 'region', 'aria-label': messages.editor }, ...parts.map((part) => part.element), announcer.element);
  shadow.append(root);

  const paint = (): void => parts.forEach((part) => part.update(editor.getState(), view.get()));
  const frames = onFrames(paint);
  const stops = [editor.subscribe(frames.ask), view.subscribe(frames.ask), colors.watch(frames.ask), listenToKeys(editor, root), frames.stop];
  paint();
  return () => {
    for (const stop of stops) stop();
    for (const part of parts) part.dispose?.();
    announcer.dispose();
    host.remove();
  };
}

/** Runs a painter at most once a frame. */
function onFrames(paint: () => void): { ask(): void; stop(): void } {
  let frame: number | undefined;
  return {
    ask: () => (frame ??= requestAnimationFrame(() => ((frame = undefined), paint()))),
    stop: () => void (frame !== undefined && cancelAnimationFrame(frame)),
  };
}

/** Reads the level colours from the style sheet, anew when the colour scheme changes. */
function levelColors(host: HTMLElement): { of: FaceContext['levelColor']; watch(listener: () => void): Unsubscribe } {
  const cache = new Map<number, readonly [number, number, number]>();
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read = (level: number): readonly [number, number, number] => {
    if (!context) return [255, 128, 64];
    context.fillStyle = getComputedStyle(host).getPropertyValue(`--sge-level-${level % 4}`).trim() || '#ff8040';
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return [r!, g!, b!];
  };
  return {
    of(level) {
      const color = cache.get(level) ?? read(level);
      cache.set(level, color);
      return color;
    },
    watch(listener) {
      const query = matchMedia('(prefers-color-scheme: dark)');
      const changed = (): void => (cache.clear(), listener());
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
  };
}

/** Where keys belong to the control that has the focus. */
const FIELDS = 'input, textarea, select, [contenteditable]';

function listenToKeys(editor: Editor, root: HTMLElement): Unsubscribe {
  const down = (event: KeyboardEvent): void => {
    const focused = event.target as HTMLElement;
    const command = event.ctrlKey || event.metaKey;
    const onImage = focused.closest('.stage') !== null || !focused.closest('button');
    if (focused.closest(FIELDS) && !(command && focused.matches('[type=range]')) && event.key !== 'Escape') return;
    if (!onImage && !command && event.key !== 'Escape' && event.key.length > 1) return;
    const { key, shiftKey, altKey } = event;
    if (handleKey(editor, { key, shiftKey, altKey, command })) event.preventDefault();
  };
  const up = ({ key }: KeyboardEvent): void => {
    if (key.startsWith('Arrow') || ['+', '=', '-', '_'].includes(key)) editor.endTransaction();
  };
  root.addEventListener('keydown', down);
  root.addEventListener('keyup', up);
  return () => {
    root.removeEventListener('keydown', down);
    root.removeEventListener('keyup', up);
  };
}
