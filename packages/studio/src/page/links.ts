import type { ModelStore } from '@spatialgan/model/store';
import { decodeFragment, encodeFragment, type SharedDocument } from '@spatialgan/share';
import { ask } from './dialog.js';
import { sharedDocument } from './documents.js';
import { type ModelSource, type Offer, offeredFor, sourceOfUrl } from './modelSources.js';
import type { Session } from './session.js';
import { messageOf, toast } from './toasts.js';
import type { Words } from './words.js';

/** The edit of the page's address, if there is one; says what is wrong with a damaged one. */
export function readLink(): SharedDocument | undefined {
  try {
    return decodeFragment(location.hash);
  } catch (error) {
    toast(messageOf(error), 'error');
    return undefined;
  }
}

/** Puts the edit into the page's address, and copies that. */
export async function shareLink({ editor, model }: Session, { text }: Words): Promise<void> {
  const url = new URL(location.href);
  url.hash = encodeFragment(sharedDocument(editor, model));
  history.replaceState(null, '', url);
  const copied = await navigator.clipboard?.writeText(url.href).then(() => true, () => false);
  toast(text(copied ? 'linkCopied' : 'linkInBar'));
}

export interface LinkedModelOptions {
  readonly offer: Offer;
  readonly store: ModelStore;
  readonly words: Words;
}

/** The model that a link asks for: an offered one, one that is kept, one from its address if that is allowed, or the default. */
export async function modelOfLink(shared: SharedDocument | undefined, { offer, store, words }: LinkedModelOptions): Promise<ModelSource> {
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
  const { text } = words;
  return (await ask({ title: text('askTitle'), text: text('askText', { name: model.name, host: source.url.host }), yes: text('askYes') }, words)) ? source : usual;
}
