import type { ModelStore } from '@spatialgan/model/store';
import { createDialog } from './dialog.js';
import { button, element } from './element.js';
import { type ModelSource, type Offer, sourceOfUrl } from './modelSources.js';
import type { Words } from './words.js';

const size = (bytes: number | undefined): string => (bytes === undefined ? '' : `${(bytes / 2 ** 20).toFixed(1)} MB`);

export interface ModelPicker {
  open(): void;
  remove(): void;
}

export interface ModelPickerOptions {
  readonly offer: () => Offer;
  readonly store: ModelStore;
  readonly pick: (source: ModelSource) => void;
  readonly pickFile: () => void;
  readonly isOpen: (source: ModelSource) => boolean;
  readonly words: Words;
}

/** Where models come from: those that come with the page, its server, what was open before, files, addresses. */
export function createModelPicker({ offer, store, pick, pickFile, isOpen, words }: ModelPickerOptions): ModelPicker {
  const { text } = words;
  const list = element('div', { class: 'model-list' });
  const address = element('input', { type: 'url', class: 'text', placeholder: 'https://…/model.safetensors', 'aria-label': text('address'), dir: 'ltr', required: true });
  const form = element('form', { class: 'row' }, address, element('button', { class: 'button', type: 'submit' }, text('openAddress')));
  const dialog = createDialog({ name: 'models', title: text('models'), words }, list,
    element('div', { class: 'model-more' }, button(text('openFile'), () => (dialog.close(), pickFile()), { class: 'button is-primary' }), form),
    element('p', { class: 'note' }, text('modelsNote')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    dialog.close();
    pick(sourceOfUrl(address.value));
  });

  const row = (source: ModelSource, detail: string, extra: readonly Node[] = []): HTMLElement => {
    const choose = button('', () => (dialog.close(), pick(source)), { class: 'model-row', 'aria-current': isOpen(source) ? 'true' : undefined });
    choose.append(element('span', { class: 'model-row-name' }, source.name), element('span', { class: 'model-row-detail' }, detail));
    return element('div', { class: 'model-item' }, choose, ...extra);
  };
  const section = (title: string, rows: readonly HTMLElement[]): readonly Node[] =>
    rows.length === 0 ? [] : [element('h3', {}, title), ...rows];
  async function fill(): Promise<void> {
    const { models, server } = offer();
    const offered = new Set(models.map(({ url }) => url.href));
    const recent = (await store.list()).filter(({ key }) => !offered.has(key));
    const forget = (key: string, name: string): HTMLButtonElement =>
      button('×', () => void store.remove(key).then(fill), { class: 'model-forget', 'aria-label': text('forget', { name }), title: text('forget', { name }) });
    list.replaceChildren(
      ...section(text('withPage'), models.map((source) => row(source, [text('inBrowser'), size(source.bytes)].filter(Boolean).join(' · ')))),
      ...section(text('atServer'), server ? [row(server, text('computedThere'))] : []),
      ...section(text('recent'), recent.map(({ key, name, size: bytes }) => row({ kind: 'kept', key, name }, size(bytes), [forget(key, name)]))),
    );
  }
  return {
    open() {
      void fill();
      dialog.open();
    },
    remove: dialog.remove,
  };
}
