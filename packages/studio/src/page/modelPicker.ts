import type { ModelStore } from '@spatialgan/model/store';
import { createDialog } from './dialog.js';
import { button, element } from './element.js';
import { type ModelSource, type Offer, sourceOfUrl } from './modelSources.js';

const size = (bytes: number | undefined): string => (bytes === undefined ? '' : `${(bytes / 2 ** 20).toFixed(1)} MB`);

export interface ModelPicker {
  open(): void;
}

export interface ModelPickerOptions {
  readonly offer: () => Offer;
  readonly store: ModelStore;
  readonly pick: (source: ModelSource) => void;
  readonly pickFile: () => void;
  readonly isOpen: (source: ModelSource) => boolean;
}

/** Where models come from: those that come with the page, its server, what was open before, files, addresses. */
export function createModelPicker({ offer, store, pick, pickFile, isOpen }: ModelPickerOptions): ModelPicker {
  const list = element('div', { class: 'model-list' });
  const address = element('input', { type: 'url', class: 'text', placeholder: 'https://…/model.safetensors', 'aria-label': 'Address of a model file', required: true });
  const form = element('form', { class: 'row' }, address, element('button', { class: 'button', type: 'submit' }, 'Open address'));
  const dialog = createDialog('Models', { name: 'models' }, list,
    element('div', { class: 'model-more' }, button('Open a file…', () => (dialog.close(), pickFile()), { class: 'button is-primary' }), form),
    element('p', { class: 'note' }, 'Model files are .safetensors from “spatialgan export” or “spatialgan convert”. What you open is kept in this browser and opens without a network the next time.'));
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
      button('×', () => void store.remove(key).then(fill), { class: 'model-forget', 'aria-label': `Forget ${name}`, title: 'Forget' });
    list.replaceChildren(
      ...section('With this page', models.map((source) => row(source, ['in this browser', size(source.bytes)].filter(Boolean).join(' · ')))),
      ...section('On the server', server ? [row(server, 'computed there')] : []),
      ...section('Recent', recent.map(({ key, name, size: bytes }) => row({ kind: 'kept', key, name }, size(bytes), [forget(key, name)]))),
    );
  }
  return {
    open() {
      void fill();
      dialog.open();
    },
  };
}
