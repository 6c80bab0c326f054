import type { Editor } from '@spatialgan/editor-sdk';
import { isSpatialGANError, type Projection } from '@spatialgan/schema';
import { createCrop } from './crop.js';
import { createDialog } from './dialog.js';
import { showDocument } from './documents.js';
import { button, element, field, select } from './element.js';
import type { OpenModel } from './openModel.js';
import { paint, picture } from './picture.js';
import { messageOf, toast } from './toasts.js';
import type { Words } from './words.js';

export interface PhotoDialog {
  open(photo?: Blob): void;
  remove(): void;
}
export interface PhotoDialogOptions {
  readonly session: () => { readonly editor: Editor; readonly model: OpenModel } | undefined;
  readonly pickPhoto: () => void;
  readonly words: Words;
}
/** Longest side of a photo that is kept: enough for any crop. */
const MAX_SIDE = 2048;

async function decode(photo: Blob, { text }: Words): Promise<ImageBitmap> {
  const bitmap = await createImageBitmap(photo).catch((cause: unknown) => {
    throw new Error(text('noImage'), { cause });
  });
  const scale = MAX_SIDE / Math.max(bitmap.width, bitmap.height);
  return scale >= 1 ? bitmap : createImageBitmap(bitmap, { resizeWidth: Math.round(bitmap.width * scale), resizeHeight: Math.round(bitmap.height * scale), resizeQuality: 'high' });
}

/** A photo of one's own: crop it, let the model find its nearest image, edit that. */
export function createPhotoDialog({ session, pickPhoto, words }: PhotoDialogOptions): PhotoDialog {
  const { text } = words;
  const crop = createCrop(words);
  let running: AbortController | undefined;
  let found: Projection | undefined;
  const [wanted, made] = [picture(text('photoWanted')), picture(text('photoMade'), { 'data-image': 'projection' })];
  const steps = select({ 100: text('quick'), 300: text('good'), 1000: text('best') }, '300', { name: 'steps' });
  const whereItGoes = element('span', {});
  const empty = element('button', { type: 'button', class: 'photo-empty' }, element('b', {}, text('choosePhoto')), whereItGoes);
  empty.addEventListener('click', pickPhoto);
  const pair = element('div', { class: 'pair', hidden: true }, element('figure', {}, wanted, element('figcaption', {}, text('photo'))), element('figure', {}, made, element('figcaption', {}, text('model'))));
  const note = element('p', { class: 'note', role: 'status' });
  const bar = element('progress', { 'aria-label': text('progress'), max: 1, value: 0, hidden: true });
  const another = button(text('another'), pickPhoto);
  const go = button(text('find'), () => void (running ? running.abort() : run()), { class: 'button is-primary', 'data-action': 'project' });
  const use = button(text('editThis'), () => accept(), { class: 'button is-primary', 'data-action': 'use' });
  const dialog = createDialog({ name: 'photo', title: text('photoDialog'), words, wide: true, onClose: () => running?.abort() }, empty, crop.element, pair,
    field(text('effort'), steps), note, element('div', { class: 'dialog-actions' }, bar, another, go, use));

  function show(stage: 'empty' | 'crop' | 'running' | 'done'): void {
    empty.hidden = stage !== 'empty';
    crop.element.hidden = stage !== 'crop';
    pair.hidden = stage !== 'running' && stage !== 'done';
    steps.parentElement!.hidden = stage !== 'crop';
    another.hidden = stage !== 'crop' && stage !== 'done';
    go.hidden = stage === 'empty' || stage === 'done';
    use.hidden = stage !== 'done';
    bar.hidden = stage !== 'running';
    go.textContent = text(stage === 'running' ? 'cancel' : 'find');
    dialog.element.dataset['stage'] = stage;
    if (stage === 'empty') note.textContent = text('photoNote');
    if (stage === 'crop') note.textContent = text('frameIt');
  }
  async function load(photo: Blob): Promise<void> {
    try {
      crop.setPhoto(await decode(photo, words));
      show('crop');
    } catch (error) {
      toast(messageOf(error), 'error');
    }
  }
  async function run(): Promise<void> {
    const open = session();
    if (!open?.model.runtime.project) return;
    const photo = crop.cut(open.model.runtime.info.imgResolution);
    paint(wanted, photo);
    note.textContent = text('lookingForStart');
    bar.removeAttribute('value');
    show('running');
    running = new AbortController();
    try {
      found = await open.model.runtime.project(photo, {
        steps: Number(steps.value), signal: running.signal,
        onProgress({ step, steps: all, psnr, image }) {
          bar.value = step / all;
          note.textContent = text('step', { step, steps: all, psnr: psnr.toFixed(1) });
          if (image) paint(made, image);
        },
      });
      paint(made, found.image);
      note.textContent = text('found', { psnr: found.psnr.toFixed(1) });
      show('done');
    } catch (error) {
      show('crop');
      if (!isSpatialGANError(error, 'ABORTED')) toast(messageOf(error), 'error');
    } finally {
      running = undefined;
    }
  }
  function accept(): void {
    const open = session();
    if (open && found) showDocument(open.editor, { request: found.request }, 'Open photo');
    dialog.close();
    show('empty');
  }
  show('empty');
  return {
    open(photo) {
      if (!session()?.model.runtime.project) return toast(text('noGradients'), 'error');
      whereItGoes.textContent = text(session()?.model.source.kind === 'server' ? 'photoGoes' : 'photoStays');
      dialog.open();
      if (photo) void load(photo);
    },
    remove: dialog.remove,
  };
}
