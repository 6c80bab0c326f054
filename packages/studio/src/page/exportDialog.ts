import type { Editor } from '@spatialgan/editor-sdk';
import { isSpatialGANError } from '@spatialgan/schema';
import { documentToText, type EasingName, webmCodec } from '@spatialgan/share';
import { createDialog } from './dialog.js';
import { sharedDocument } from './documents.js';
import { button, element, field, select } from './element.js';
import { encodeInWorker, single } from './encode.js';
import { FILM_TYPES, type FilmFormat, type FilmSettings, framesOf, makeFilm } from './film.js';
import { type KeyframeChoice, keyframesOf, type Pins } from './keyframes.js';
import type { TextKey } from './messages.js';
import type { OpenModel } from './openModel.js';
import { paint, picture } from './picture.js';
import { save } from './save.js';
import { messageOf, toast } from './toasts.js';
import type { Words } from './words.js';

export interface ExportDialog {
  open(): void;
  saveImage(): void;
  remove(): void;
}
export interface ExportDialogOptions {
  readonly session: () => { readonly editor: Editor; readonly model: OpenModel } | undefined;
  readonly pins: Pins;
  readonly words: Words;
}
type Format = 'png' | 'json' | FilmFormat;
const FORMATS: readonly Format[] = ['png', 'gif', 'webm', 'zip', 'json'];

/** Saves the image, the drag as a film, or the layout. */
export function createExportDialog({ session, pins, words }: ExportDialogOptions): ExportDialog {
  const { text } = words;
  let format: Format = 'png';
  let running: AbortController | undefined;
  const choices = element('div', { class: 'cards', role: 'radiogroup', 'aria-label': text('format') }, ...FORMATS.map(card));
  const named = (...keys: readonly TextKey[]): Readonly<Record<string, string>> => Object.fromEntries(keys.map((key) => [key, text(key)]));
  const keyframes = select(named('ends', 'edits', 'pins'), 'ends', { name: 'keyframes' });
  const easing = select(named('easeInOut', 'easeOut', 'linear'), 'easeInOut', { name: 'easing' });
  const seconds = select(Object.fromEntries([0.5, 1, 2, 4].map((value) => [value, text('seconds', { value: value === 0.5 ? '½' : value })])), '1', { name: 'seconds' });
  const fps = select({ 12: '12', 24: '24', 30: '30', 50: '50' }, '24', { name: 'fps' });
  const side = element('select', { class: 'select', name: 'side' });
  const scaling = select(named('smooth', 'pixels'), 'smooth', { name: 'scaling' });
  const back = element('input', { type: 'checkbox', name: 'back', checked: true });
  const strip = element('div', { class: 'strip' });
  const film = element('div', { class: 'fields' }, field(text('keyframes'), keyframes), field(text('between'), seconds), field(text('fps'), fps), field(text('easing'), easing),
    element('label', { class: 'check' }, back, element('span', {}, text('back'))));
  const image = element('div', { class: 'fields' }, field(text('size'), side), field(text('scaling'), scaling));
  const note = element('p', { class: 'note', role: 'status' });
  const bar = element('progress', { 'aria-label': text('progress'), max: 1, value: 0, hidden: true });
  const go = button(text('save'), () => void (running ? running.abort() : run()), { class: 'button is-primary', 'data-action': 'save' });
  const dialog = createDialog({ name: 'export', title: text('export'), words, wide: true, onClose: () => running?.abort() }, choices, strip, film, image, note, element('div', { class: 'dialog-actions' }, bar, go));
  for (const control of [keyframes, seconds, fps, easing, back, side, scaling]) control.addEventListener('change', update);

  function card(name: Format): HTMLElement {
    const radio = element('input', { type: 'radio', name: 'format', value: name, checked: name === 'png' });
    radio.addEventListener('change', () => ((format = name), update()));
    return element('label', { class: 'card', 'data-format': name }, radio, element('b', {}, text(name)), element('span', {}, text(`${name}Detail`)));
  }
  const isFilm = (): boolean => format !== 'png' && format !== 'json';
  const settings = (): FilmSettings => ({
    format: format as FilmFormat, fps: Number(fps.value), seconds: Number(seconds.value), easing: easing.value as EasingName, back: back.checked,
    side: Number(side.value), scaling: scaling.value as FilmSettings['scaling'],
  });
  function fillStrip(): void {
    strip.replaceChildren(...pins.list().map(({ image: shown }, i) => {
      const canvas = picture(text('pinnedMoment', { number: i + 1 }));
      if (shown) paint(canvas, shown);
      return element('span', { class: 'strip-item' }, canvas, button('×', () => (pins.remove(i), update()), { class: 'strip-remove', 'aria-label': text('removePin', { number: i + 1 }) }));
    }));
  }
  function update(): void {
    const open = session();
    if (!open) return;
    film.hidden = !isFilm();
    image.hidden = format === 'json';
    strip.hidden = !isFilm() || keyframes.value !== 'pins';
    fillStrip();
    const chosen = isFilm() ? keyframesOf(keyframes.value as KeyframeChoice, open.editor, pins) : [];
    const enough = !isFilm() || chosen.length >= 2;
    go.disabled = !enough;
    const count = enough && isFilm() ? framesOf(chosen, settings()).length : 0;
    note.textContent = !isFilm() ? '' : enough ? text('frames', { count, seconds: (count / settings().fps).toFixed(1) })
      : keyframes.value === 'pins' ? text('noPins') : text('noEdits');
  }
  function fillSides(): void {
    const own = session()?.model.runtime.info.imgResolution ?? 32;
    const sides = [1, 2, 4, 8, 16, 32].map((factor) => own * factor).filter((value) => value <= 1024 || value === own);
    const chosen = sides.filter((value) => value <= 512).at(-1) ?? own;
    side.replaceChildren(...sides.map((value) => element('option', { value, selected: value === chosen }, value === own ? text('ownSize', { side: `${value} × ${value}` }) : `${value} × ${value}`)));
  }
  const baseName = (): string => session()?.model.runtime.info.name ?? 'image';
  async function saveImage(factor = 1, scaling: FilmSettings['scaling'] = 'smooth'): Promise<void> {
    const open = session();
    const { image: shown } = open?.editor.getState() ?? {};
    if (!open || !shown) return;
    const document = sharedDocument(open.editor, open.model);
    save(await encodeInWorker({ format: 'png', factor, scaling, fps: 1, document }, single(shown)), `${baseName()}.png`, 'image/png');
  }
  async function run(): Promise<void> {
    const open = session();
    if (!open) return;
    const { editor, model } = open;
    if (format === 'png') return saveImage(Math.round(settings().side / model.runtime.info.imgResolution), settings().scaling);
    const document = documentToText(sharedDocument(editor, model));
    if (format === 'json') return save(document, `${baseName()}-layout.json`, 'application/json');
    running = new AbortController();
    go.textContent = text('cancel');
    bar.value = 0;
    bar.hidden = false;
    try {
      const made = await makeFilm({
        keyframes: keyframesOf(keyframes.value as KeyframeChoice, editor, pins), settings: settings(), runtime: model.runtime, signal: running.signal, document,
        onFrame(done, count) {
          bar.value = done / count;
          note.textContent = text('framesDone', { done, count });
        },
      });
      save(made, `${baseName()}-drag.${format}`, FILM_TYPES[format]);
    } catch (error) {
      if (!isSpatialGANError(error, 'ABORTED')) toast(messageOf(error), 'error');
    } finally {
      running = undefined;
      go.textContent = text('save');
      bar.hidden = true;
      update();
    }
  }
  return {
    open() {
      fillSides();
      if (pins.list().length >= 2) keyframes.value = 'pins';
      void webmCodec(512, 512).then((codec) => {
        const radio = choices.querySelector<HTMLInputElement>('[value=webm]')!;
        radio.disabled = codec === undefined;
        radio.parentElement!.title = codec === undefined ? text('noWebm') : '';
      });
      update();
      dialog.open();
    },
    saveImage: () => void saveImage().catch((error: unknown) => toast(messageOf(error), 'error')),
    remove: dialog.remove,
  };
}
