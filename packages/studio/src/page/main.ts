import { createModelStore } from '@spatialgan/model/store';
import { decodeFragment, encodeFragment, type SharedDocument } from '@spatialgan/share';
import { byId } from './byId.js';
import { ask } from './dialog.js';
import { mismatch, sharedDocument, showDocument } from './documents.js';
import { createExportDialog } from './exportDialog.js';
import { listenToFiles } from './files.js';
import { showFirstHint } from './firstHint.js';
import { createHelpDialog } from './helpDialog.js';
import { createPins } from './keyframes.js';
import { createModelPicker } from './modelPicker.js';
import { type ModelSource, type Offer, offeredFor, readOffer, sourceOfUrl } from './modelSources.js';
import { openModel } from './openModel.js';
import { createPhotoDialog } from './photoDialog.js';
import { openSession, type Session, showModel } from './session.js';
import { listenToShortcuts } from './shortcuts.js';
import { followTheme } from './theme.js';
import { messageOf, toast } from './toasts.js';
import { createWelcome } from './welcome.js';

const welcome = createWelcome();
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
      store, onProgress: (text, share) => ticket === opening && welcome.progress(text, share),
      onRecovery: (state) => {
        toast(state === 'lost' ? 'The model was lost; opening it again. Your edit is safe.' : 'The model is back.');
        if (state === 'recovered' && session) showModel(session.model);
      },
    });
    if (ticket !== opening) return await model.close();
    await session?.close();
    pins.clear();
    session = await openSession(model);
    welcome.done();
    showFirstHint(session.editor);
    if (shared) show(shared, 'Open link');
  } catch (error) {
    if (ticket === opening) welcome.fail(`Could not open ${source.name}`, error);
  }
}

/** Shows a document on the open model, and says when it was made with another. */
function show(shared: SharedDocument, label: string): void {
  if (!session) return;
  try {
    showDocument(session.editor, shared, label);
    const warning = mismatch(shared, session.model);
    if (warning) toast(warning);
  } catch (error) {
    toast(messageOf(error), 'error');
  }
}

/** The model that a link asks for: an offered one, one from its address if that is allowed, or the default. */
async function sourceFor(shared: SharedDocument | undefined): Promise<ModelSource> {
  const asked = new URLSearchParams(location.search).get('model');
  if (asked !== null) return sourceOfUrl(asked);
  const usual = offer.server ?? offer.models[0]!;
  const model = shared?.model;
  if (!model) return usual;
  const offered = offeredFor(offer, model);
  if (offered) return offer.server?.name === offered.name ? offer.server : offered;
  const kept = (await store.list()).find(({ sha256 }) => sha256 === model.sha256);
  if (kept) return { kind: 'kept', name: kept.name, key: kept.key };
  if (model.url === undefined) return usual;
  const source = { ...sourceOfUrl(model.url), ...(model.sha256 === undefined ? {} : { sha256: model.sha256 }) };
  if (source.url.origin === location.origin) return source;
  return (await ask('Load the link’s model?', `This link was made with the model “${model.name}” at ${source.url.host}.`, 'Load it')) ? source : usual;
}

function readLink(): SharedDocument | undefined {
  try {
    return decodeFragment(location.hash);
  } catch (error) {
    toast(messageOf(error), 'error');
    return undefined;
  }
}

async function share(): Promise<void> {
  if (!session) return;
  const url = new URL(location.href);
  url.hash = encodeFragment(sharedDocument(session.editor, session.model));
  history.replaceState(null, '', url);
  const copied = await navigator.clipboard?.writeText(url.href).then(() => true, () => false);
  toast(copied ? 'Link copied: it carries the whole edit, and no server sees it.' : 'The link is in the address bar: it carries the whole edit.');
}

const pins = createPins((count) => {
  byId('pins').hidden = count === 0;
  byId('pins').textContent = String(count);
});
const pin = (): void => {
  if (!session) return;
  pins.add(session.editor);
  toast(`Pinned moment ${pins.list().length}; Export makes a film of them.`);
};
const pickFile = listenToFiles({
  model: (file) => void open({ kind: 'file', name: file.name, file }),
  document: (shared) => show(shared, 'Open layout'),
  photo: (file) => photos.open(file),
  fail: (error) => toast(messageOf(error), 'error'),
});
const photos = createPhotoDialog({ session: () => session, pickPhoto: () => pickFile('image/*') });
const exports = createExportDialog({ session: () => session, pins });
const help = createHelpDialog();
const picker = createModelPicker({
  offer: () => offer, store, pick: (source) => void open(source), pickFile: () => pickFile('.safetensors,.json,image/*'),
  isOpen: (source) => session !== undefined && session.model.source.kind === source.kind && session.model.source.name === source.name,
});

followTheme();
const actions: Readonly<Record<string, () => void>> = {
  models: picker.open, 'welcome-open': picker.open, photo: () => photos.open(), pin, share: () => void share(), export: exports.open, help: help.open,
};
for (const [id, run] of Object.entries(actions)) byId(id).addEventListener('click', run);
listenToShortcuts({ k: pin, e: exports.open, p: () => photos.open(), '?': help.open, 'Ctrl+s': () => exports.saveImage(), 'Ctrl+o': picker.open }, () => session !== undefined);
addEventListener('hashchange', () => {
  const shared = readLink();
  if (shared) show(shared, 'Open link');
});

offer = await readOffer();
const linked = readLink();
void open(await sourceFor(linked), linked);
