import type { Editor } from '@spatialgan/editor-sdk';
import { isSpatialGANError, type Projection } from '@spatialgan/schema';
import { createCrop } from './crop.js';
import { createDialog } from './dialog.js';
import { showDocument } from './documents.js';
import { button, element, field, select } from './element.js';
import type { OpenModel } from './openModel.js';
import { paint, picture } from './picture.js';
import { messageOf, toast } from './toasts.js';

export interface PhotoDialog {
  open(photo?: Blob): void;
}
export interface PhotoDialogOptions {
  readonly session: () => { readonly editor: Editor; readonly model: OpenModel } | undefined;
  readonly pickPhoto: () => void;
}
/** Longest side of a photo that is kept: enough for any crop. */
const MAX_SIDE = 2048;

async function decode(photo: Blob): Promise<ImageBitmap> {
  const bitmap = await createImageBitmap(photo).catch((cause: unknown) => {
    throw new Error('This file is no image that the browser can read; take a PNG, JPEG or WebP.', { cause });
  });
  const scale = MAX_SIDE / Math.max(bitmap.width, bitmap.height);
  return scale >= 1 ? bitmap : createImageBitmap(bitmap, { resizeWidth: Math.round(bitmap.width * scale), resizeHeight: Math.round(bitmap.height * scale), resizeQuality: 'high' });
}

/** A photo of one's own: crop it, let the model find its nearest image, edit that. */
export function createPhotoDialog({ session, pickPhoto }: PhotoDialogOptions): PhotoDialog {
  const crop = createCrop();
  let running: AbortController | undefined;
  let found: Projection | undefined;
  const [wanted, made] = [picture('The photo as the model sees it'), picture('The model’s image', { 'data-image': 'projection' })];
  const steps = select({ 100: 'Quick', 300: 'Good', 1000: 'Best' }, '300', { name: 'steps' });
  const empty = element('button', { type: 'button', class: 'photo-empty' }, element('b', {}, 'Choose a photo'), element('span', {}, 'or drop or paste one: it stays on this machine'));
  empty.addEventListener('click', pickPhoto);
  const pair = element('div', { class: 'pair', hidden: true }, element('figure', {}, wanted, element('figcaption', {}, 'Photo')), element('figure', {}, made, element('figcaption', {}, 'Model')));
  const note = element('p', { class: 'note', role: 'status' });
  const bar = element('progress', { 'aria-label': 'Progress', max: 1, value: 0, hidden: true });
  const another = button('Another photo', pickPhoto);
  const go = button('Find it', () => void (running ? running.abort() : run()), { class: 'button is-primary', 'data-action': 'project' });
  const use = button('Edit this', () => accept(), { class: 'button is-primary', 'data-action': 'use' });
  const dialog = createDialog('Start from a photo', { name: 'photo', wide: true, onClose: () => running?.abort() }, empty, crop.element, pair,
    field('Effort', steps), note, element('div', { class: 'dialog-actions' }, bar, another, go, use));

  function show(stage: 'empty' | 'crop' | 'running' | 'done'): void {
    empty.hidden = stage !== 'empty';
    crop.element.hidden = stage !== 'crop';
    pair.hidden = stage !== 'running' && stage !== 'done';
    steps.parentElement!.hidden = stage !== 'crop';
    another.hidden = stage !== 'crop' && stage !== 'done';
    go.hidden = stage === 'empty' || stage === 'done';
    use.hidden = stage !== 'done';
    bar.hidden = stage !== 'running';
    go.textContent = stage === 'running' ? 'Cancel' : 'Find it';
    dialog.element.dataset['stage'] = stage;
    if (stage === 'empty') note.textContent = 'The model looks for the image most like yours among those it can make: faces like the ones it was trained on come out best.';
    if (stage === 'crop') note.textContent = 'Frame it as the model’s own images are framed.';
  }
  async function load(photo: Blob): Promise<void> {
    try {
      crop.setPhoto(await decode(photo));
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
    note.textContent = 'Looking for a start';
    bar.removeAttribute('value');
    show('running');
    running = new AbortController();
    try {
      found = await open.model.runtime.project(photo, {
        steps: Number(steps.value), signal: running.signal,
        onProgress({ step, steps: all, psnr, image }) {
          bar.value = step / all;
          note.textContent = `Step ${step} of ${all}, ${psnr.toFixed(1)} dB alike`;
          if (image) paint(made, image);
        },
      });
      paint(made, found.image);
      note.textContent = `Found: ${found.psnr.toFixed(1)} dB alike`;
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
      if (!session()?.model.runtime.project) return toast('This model’s runtime cannot compute gradients, which a photo needs.', 'error');
      dialog.open();
      if (photo) void load(photo);
    },
  };
}
