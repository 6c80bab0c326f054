import { createElement, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { createApp, h, shallowRef, type App } from 'vue';
import { defineEditorElement } from '../src/element.js';
import { createDocument, type Editor, type EditorDocument } from '../src/index.js';
import { SpatialganEditor as ReactEditor } from '../src/react.js';
import { SpatialganEditor as VueEditor } from '../src/vue.js';
import { fakeLayout, fakeRuntime } from './fakeRuntime.js';

/** What the tests drive: one editor each of React, controlled; of Vue, by v-model; and two elements, one with a form. */
export interface Adapters {
  readonly react: { editor: Editor | null; value(): EditorDocument; root: Root };
  readonly vue: { editor(): Editor; value(): EditorDocument; app: App };
  refuses: boolean;
}
declare global {
  interface Window {
    adapters: Adapters;
  }
}
const runtime = fakeRuntime();
const start = createDocument(fakeLayout(3), { kind: 'seed', seed: 1 });
const at = (id: string): HTMLElement => document.querySelector('#editor')!.appendChild(Object.assign(document.createElement('div'), { id, style: 'height:600px' }));

let reactValue = start;
function Owner() {
  const [value, setValue] = useState(start);
  reactValue = value;
  return createElement(ReactEditor, {
    runtime, value, compare: 'off',
    onChange: (next: EditorDocument) => !window.adapters.refuses && setValue({ ...next, truncationPsi: Math.round(next.truncationPsi * 10) / 10 }),
    ref: (editor: Editor | null) => void (window.adapters.react.editor = editor),
  });
}
const vueValue = shallowRef(start);
const vueEditor = shallowRef<{ editor: Editor }>();
const app = createApp({
  setup: () => () => h(VueEditor, {
    ref: vueEditor, runtime, modelValue: vueValue.value, compare: 'off',
    'onUpdate:modelValue': (next: EditorDocument) => void (!window.adapters.refuses && (vueValue.value = next)),
  }),
});
window.adapters = {
  refuses: false,
  react: { editor: null, value: () => reactValue, root: createRoot(at('react')) },
  vue: { editor: () => vueEditor.value!.editor, value: () => vueValue.value, app },
};
window.adapters.react.root.render(createElement(Owner));
app.mount(at('vue'));

const form = document.querySelector('#editor')!.appendChild(document.createElement('form'));
form.innerHTML = '<spatialgan-editor name="drawing" theme="dark" compare="off" style="height:600px"></spatialgan-editor>';
const early = form.querySelector('spatialgan-editor')!;
early.runtime = runtime; // before the element is defined
defineEditorElement();
defineEditorElement();
