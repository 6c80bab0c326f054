import { handleKey } from '@spatialgan/editor-sdk';
import { createModelStore } from '@spatialgan/model/store';
import type { SharedDocument } from '@spatialgan/share';
import { byId } from './byId.js';
import { mismatch, showDocument } from './documents.js';
import { createExportDialog } from './exportDialog.js';
import { listenToFiles } from './files.js';
import { showFirstHint } from './firstHint.js';
import { createHelpDialog } from './helpDialog.js';
import { createPins } from './keyframes.js';
import { modelOfLink, readLink, shareLink } from './links.js';
import { createModelPicker } from './modelPicker.js';
import { type ModelSource, type Offer, readOffer } from './modelSources.js';
import { keepOffline } from './offline.js';
import { openModel } from './openModel.js';
import { createPhotoDialog } from './photoDialog.js';
import { openSession, type Session } from './session.js';
import { listenToShortcuts } from './shortcuts.js';
import { createTheme } from './theme.js';
import { messageOf, toast } from './toasts.js';
import { createWelcome } from './welcome.js';
import { createWords } from './words.js';

const words = createWords();
const welcome = createWelcome(words);
const theme = createTheme(() => session?.show());
const store = createModelStore();
let offer: Offer = { models: [] };
let session: Session | undefined;
/** Only the newest of several models that are being opened is shown. */
let opening = 0;

async function open(source: ModelSource, shared?: SharedDocument): Promise<void> {
  const ticket = ++opening;
  try {
    welcome.progress(source.name);
    const model = await openModel(source, {
      store, words, onProgress: (text, share) => ticket === opening && welcome.progress(text, share),
      onRecovery: (state) => {
        toast(words.text(state));
        if (state === 'recovered') session?.show();
      },
    });
    if (ticket !== opening) return await model.close();
    await session?.close();
    pins.clear();
    session = await openSession(model, { words, theme: theme.get });
    session.show();
    welcome.done();
    keepOffline();
    showFirstHint(session.editor);
    if (shared) show(shared, 'Open link');
  } catch (error) {
    if (ticket === opening) welcome.fail(words.text('couldNotOpen', { name: source.name }), error);
  }
}

/** Shows a document on the open model, and says when it was made with another. */
function show(shared: SharedDocument, step: string): void {
  if (!session) return;
  try {
    showDocument(session.editor, shared, step);
    const warning = mismatch(shared, session.model, words);
    if (warning) toast(warning);
  } catch (error) {
    toast(messageOf(error), 'error');
  }
}

const pins = createPins((count) => {
  byId('pins').hidden = count === 0;
  byId('pins').textContent = String(count);
});
const pin = (): void => {
  if (!session) return;
  pins.add(session.editor);
  toast(words.text('pinned', { count: pins.list().length }));
};
const pickFile = listenToFiles({
  model: (file) => void open({ kind: 'file', name: file.name, file }),
  document: (shared) => show(shared, 'Open layout'),
  photo: (file) => dialogs.photos.open(file),
  fail: (error) => toast(messageOf(error), 'error'),
});

function createDialogs() {
  return {
    photos: createPhotoDialog({ session: () => session, pickPhoto: () => pickFile('image/*'), words }),
    exports: createExportDialog({ session: () => session, pins, words }),
    help: createHelpDialog(words, theme),
    picker: createModelPicker({
      offer: () => offer, store, words, pick: (source) => void open(source), pickFile: () => pickFile('.safetensors,.json,image/*'),
      isOpen: (source) => session !== undefined && session.model.source.kind === source.kind && session.model.source.name === source.name,
    }),
  };
}
let dialogs = createDialogs();
words.onChange(() => {
  for (const dialog of Object.values(dialogs)) dialog.remove();
  dialogs = createDialogs();
  session?.show();
  // The language is chosen there.
  dialogs.help.open();
  dialogs.help.element.querySelector<HTMLElement>('[name=language]')?.focus();
});

const models = (): void => dialogs.picker.open();
const photo = (): void => dialogs.photos.open();
const exportIt = (): void => dialogs.exports.open();
const help = (): void => dialogs.help.open();
const share = (): void => void (session && shareLink(session, words));
const actions: Readonly<Record<string, () => void>> = { models, 'welcome-open': models, photo, pin, share, export: exportIt, help, theme: theme.toggle };
for (const [id, run] of Object.entries(actions)) byId(id).addEventListener('click', run);
listenToShortcuts({
  actions: { k: pin, e: exportIt, p: photo, '?': help, 'Ctrl+s': () => dialogs.exports.saveImage(), 'Ctrl+o': models },
  isReady: () => session !== undefined,
  otherwise: (key) => session !== undefined && handleKey(session.editor, key),
});
addEventListener('hashchange', () => {
  const shared = readLink();
  if (shared) show(shared, 'Open link');
});

offer = await readOffer();
const linked = readLink();
void open(await modelOfLink(linked, { offer, store, words }), linked);
