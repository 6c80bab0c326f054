import type { Editor } from '../editor.js';
import type { Unsubscribe } from '../emitter.js';
import { createActions } from './actions.js';
import { createAnnouncer } from './announcer.js';
import { chineseMessages } from './chineseMessages.js';
import { element, setAttributes } from './element.js';
import { listenToKeys } from './faceKeys.js';
import { levelColors } from './levelColors.js';
import { englishMessages, type EditorMessages } from './messages.js';
import { createPanel } from './panel.js';
import { wordsOf, type FaceContext, type FacePart } from './part.js';
import { createStage } from './stage.js';
import { createStatusLine } from './statusLine.js';
import { faceStyles } from './styles.js';
import { createToolbar } from './toolbar.js';
import { createViewStore, type View } from './view.js';

export interface MountOptions {
  /** Every word of the face. Default: by `lang`. */
  readonly messages?: EditorMessages;
  /** A language tag: 'zh…' is Chinese, all else English. Default: the nearest `lang` attribute. */
  readonly lang?: string;
  /** Original and edited image at the start. Default: side by side where there is room for both. */
  readonly compare?: View['compare'];
  /** Default 'auto': the page's `color-scheme`, and high contrast where the system asks for it. */
  readonly theme?: 'auto' | 'light' | 'dark' | 'contrast';
}
/** Width of the element, in CSS pixels, from which both images fit side by side. */
const ROOM_FOR_TWO = 1100;

/** Messages in the language of a tag. */
export const messagesFor = (lang: string): EditorMessages => (/^zh\b/i.test(lang) ? chineseMessages : englishMessages);

/**
 * Shows an editor in an element, inside a shadow root: image with draggable regions, live heatmaps, tools.
 *
 * Touches the DOM only when called. Colours and sizes are CSS custom properties (`--sge-*`), pieces are CSS parts.
 * Returns a function that takes the face away and leaves the editor alive.
 */
export function mountEditor(editor: Editor, target: HTMLElement, options: MountOptions = {}): Unsubscribe {
  const host = element('div', { class: 'spatialgan-editor' });
  target.append(host);
  const unmount = mountFace(editor, host, options);
  return () => {
    unmount();
    host.remove();
  };
}

/** Shows an editor in the shadow root of an element; what {@link mountEditor} and the custom element share. */
export function mountFace(editor: Editor, host: HTMLElement, options: MountOptions = {}): Unsubscribe {
  const messages = options.messages ?? messagesFor(options.lang ?? host.closest('[lang]')?.getAttribute('lang') ?? '');
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  shadow.adoptedStyleSheets = [faceStyles()];
  setAttributes(host, { 'data-theme': options.theme ?? 'auto' });
  const view = createViewStore({
    compare: options.compare ?? (host.clientWidth >= ROOM_FOR_TWO ? 'side' : 'off'), wipe: 0.5, overlay: false, attention: false, pixelated: false,
    hiddenLevels: new Set(),
  });
  const announcer = createAnnouncer();
  const colors = levelColors(host);
  const context: FaceContext = { editor, view, ...wordsOf(messages), levelColor: colors.of, announce: announcer.say };
  announcer.listen(context);
  const parts: readonly FacePart[] = [createToolbar(context), createActions(context), createStage(context), createPanel(context), createStatusLine(context)];
  const root = element('div', { class: 'editor', part: 'editor', role: 'region', lang: messages.language, 'aria-label': messages.editor },
    ...parts.map((part) => part.element), announcer.element);
  shadow.replaceChildren(root);

  const paint = (): void => parts.forEach((part) => part.update(editor.getState(), view.get()));
  const frames = onFrames(paint);
  const stops = [editor.subscribe(frames.ask), view.subscribe(frames.ask), colors.watch(frames.ask), listenToKeys(editor, root), frames.stop];
  paint();
  return () => {
    for (const stop of stops) stop();
    for (const part of parts) part.dispose?.();
    announcer.dispose();
    shadow.replaceChildren();
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
