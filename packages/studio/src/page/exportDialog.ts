import type { Editor } from '@spatialgan/editor-sdk';
import { isSpatialGANError } from '@spatialgan/schema';
import { documentToText, type EasingName, encodePng, enlarge, webmCodec } from '@spatialgan/share';
import { createDialog } from './dialog.js';
import { sharedDocument } from './documents.js';
import { button, element, field, select } from './element.js';
import { FILM_TYPES, type FilmFormat, type FilmSettings, framesOf, makeFilm } from './film.js';
import { type KeyframeChoice, keyframesOf, type Pins } from './keyframes.js';
import type { OpenModel } from './openModel.js';
import { paint, picture } from './picture.js';
import { save } from './save.js';
import { messageOf, toast } from './toasts.js';

export interface ExportDialog {
  open(): void;
  saveImage(): void;
}
export interface ExportDialogOptions {
  readonly session: () => { readonly editor: Editor; readonly model: OpenModel } | undefined;
  readonly pins: Pins;
}
type Format = 'png' | 'json' | FilmFormat;
const FORMATS: Readonly<Record<Format, readonly [title: string, detail: string]>> = {
  png: ['Image', 'PNG, with the layout inside: drop it here to go on'], gif: ['GIF', 'The drag as a loop for anywhere'], webm: ['WebM', 'The drag as a film, small and smooth'],
  zip: ['Frames', 'The drag as PNG files in a zip'], json: ['Layout', 'JSON: layout, latent, settings'],
};

/** Saves the image, the drag as a film, or the layout. */
export function createExportDialog({ session, pins }: ExportDialogOptions): ExportDialog {
  let format: Format = 'png';
  let running: AbortController | undefined;
  const choices = element('div', { class: 'cards', role: 'radiogroup', 'aria-label': 'Format' }, ...(Object.keys(FORMATS) as Format[]).map(card));
  const keyframes = select({ ends: 'Original → edited', edits: 'Every edit', pins: 'Pinned moments' }, 'ends', { name: 'keyframes' });
  const easing = select({ easeInOut: 'Slow at both ends', easeOut: 'Slow at the end', linear: 'Even' }, 'easeInOut', { name: 'easing' });
  const seconds = select({ 0.5: '½ s', 1: '1 s', 2: '2 s', 4: '4 s' }, '1', { name: 'seconds' });
  const fps = select({ 12: '12', 24: '24', 30: '30', 50: '50' }, '24', { name: 'fps' });
  const side = element('select', { class: 'select', name: 'side' });
  const scaling = select({ smooth: 'Smooth', pixels: 'Hard pixels' }, 'smooth', { name: 'scaling' });
  const back = element('input', { type: 'checkbox', name: 'back', checked: true });
  const strip = element('div', { class: 'strip' });
  const film = element('div', { class: 'fields' }, field('Keyframes', keyframes), field('Between two', seconds), field('Frames a second', fps), field('Easing', easing),
    element('label', { class: 'check' }, back, element('span', {}, 'And back, so that it loops')));
  const image = element('div', { class: 'fields' }, field('Size', side), field('Scaling', scaling));
  const note = element('p', { class: 'note' });
  const bar = element('progress', { 'aria-label': 'Progress', max: 1, value: 0, hidden: true });
  const go = button('Save', () => void (running ? running.abort() : run()), { class: 'button is-primary', 'data-action': 'save' });
  const dialog = createDialog('Export', { name: 'export', wide: true, onClose: () => running?.abort() }, choices, strip, film, image, note, element('div', { class: 'dialog-actions' }, bar, go));
  for (const control of [keyframes, seconds, fps, easing, back, side, scaling]) control.addEventListener('change', update);

  function card(name: Format): HTMLElement {
    const [title, detail] = FORMATS[name];
    const radio = element('input', { type: 'radio', name: 'format', value: name, checked: name === 'png' });
    radio.addEventListener('change', () => ((format = name), update()));
    return element('label', { class: 'card', 'data-format': name }, radio, element('b', {}, title), element('span', {}, detail));
  }
  const isFilm = (): boolean => format !== 'png' && format !== 'json';
  const settings = (): FilmSettings => ({
    format: format as FilmFormat, fps: Number(fps.value), seconds: Number(seconds.value), easing: easing.value as EasingName, back: back.checked,
    side: Number(side.value), pixels: scaling.value === 'pixels',
  });
  function fillStrip(): void {
    strip.replaceChildren(...pins.list().map(({ image: shown }, i) => {
      const canvas = picture(`Pinned moment ${i + 1}`);
      if (shown) paint(canvas, shown);
      return element('span', { class: 'strip-item' }, canvas, button('×', () => (pins.remove(i), update()), { class: 'strip-remove', 'aria-label': `Remove pinned moment ${i + 1}` }));
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
    note.textContent = !isFilm() ? '' : enough ? `${count} frames, ${(count / settings().fps).toFixed(1)} s`
      : keyframes.value === 'pins' ? 'Pin two moments or more: edit, press Pin, edit on, press Pin again.' : 'Nothing has been edited yet: drag something first.';
  }
  function fillSides(): void {
    const own = session()?.model.runtime.info.imgResolution ?? 32;
    const sides = [1, 2, 4, 8, 16, 32].map((factor) => own * factor).filter((value) => value <= 1024 || value === own);
    const chosen = sides.filter((value) => value <= 512).at(-1) ?? own;
    side.replaceChildren(...sides.map((value) => element('option', { value, selected: value === chosen }, `${value} × ${value}${value === own ? ' (the model’s own)' : ''}`)));
  }
  const baseName = (): string => session()?.model.runtime.info.name ?? 'image';
  function saveImage(factor = 1, how: 'smooth' | 'pixels' = 'smooth'): void {
    const open = session();
    const { image: shown } = open?.editor.getState() ?? {};
    if (open && shown) save(encodePng(enlarge(shown, factor, how), sharedDocument(open.editor, open.model)) as Uint8Array<ArrayBuffer>, `${baseName()}.png`, 'image/png');
  }
  async function run(): Promise<void> {
    const open = session();
    if (!open) return;
    const { editor, model } = open;
    if (format === 'png') return saveImage(Math.round(settings().side / model.runtime.info.imgResolution), settings().pixels ? 'pixels' : 'smooth');
    const text = documentToText(sharedDocument(editor, model));
    if (format === 'json') return save(text, `${baseName()}-layout.json`, 'application/json');
    running = new AbortController();
    go.textContent = 'Cancel';
    bar.hidden = false;
    try {
      const made = await makeFilm({
        keyframes: keyframesOf(keyframes.value as KeyframeChoice, editor, pins), settings: settings(), runtime: model.runtime, signal: running.signal, document: text,
        onFrame: (done, all) => (bar.value = done / all),
      });
      save(made, `${baseName()}-drag.${format}`, FILM_TYPES[format]);
    } catch (error) {
      if (!isSpatialGANError(error, 'ABORTED')) toast(messageOf(error), 'error');
    } finally {
      running = undefined;
      go.textContent = 'Save';
      bar.hidden = true;
    }
  }
  return {
    open() {
      fillSides();
      if (pins.list().length >= 2) keyframes.value = 'pins';
      void webmCodec(512, 512).then((codec) => {
        const radio = choices.querySelector<HTMLInputElement>('[value=webm]')!;
        radio.disabled = codec === undefined;
        radio.parentElement!.title = codec === undefined ? 'This browser cannot encode WebM' : '';
      });
      update();
      dialog.open();
    },
    saveImage,
  };
}
