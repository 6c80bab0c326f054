import type { ModelRuntime } from '@spatialgan/schema';
import { defineComponent, h, markRaw, nextTick, onBeforeUnmount, onMounted, shallowRef, toRaw, watch, type PropType } from 'vue';
import { bindDocument } from './boundDocument.js';
import { createEditor } from './createEditor.js';
import type { EditorDocument } from './document.js';
import { mountEditor, type MountOptions } from './dom/mountEditor.js';
import type { EditorMessages } from './dom/messages.js';
import type { Editor, EditorOptions } from './editor.js';

/**
 * The editor as a Vue component: `v-model` holds the document, or, without it, the editor does; an empty `<div>` on a server.
 *
 * Keep the document in a `shallowRef`. `ref.value.editor` is the editor. Props beside v-model: `runtime`, `readOnly`, `synthesis`, `theme`, `lang`,
 * `compare`, `messages`, and `options`, which are read when the editor is made.
 */
export const SpatialganEditor = defineComponent({
  name: 'SpatialganEditor',
  props: {
    runtime: { type: Object as PropType<ModelRuntime>, required: true },
    modelValue: { type: Object as PropType<EditorDocument>, default: undefined },
    readOnly: { type: Boolean, default: false },
    synthesis: { type: String as PropType<'auto' | 'manual'>, default: 'auto' },
    theme: { type: String as PropType<MountOptions['theme']>, default: undefined },
    lang: { type: String, default: undefined },
    compare: { type: String as PropType<MountOptions['compare']>, default: undefined },
    messages: { type: Object as PropType<EditorMessages>, default: undefined },
    options: { type: Object as PropType<Omit<EditorOptions, 'runtime'>>, default: () => ({}) },
  },
  emits: { 'update:modelValue': (_document: EditorDocument) => true },
  setup(props, { emit, expose }) {
    const host = shallowRef<HTMLElement>();
    const editor = shallowRef<Editor>();
    let close = (): void => {};
    let unmount = (): void => {};

    function open(): void {
      close();
      const start = toRaw(props.modelValue);
      const { readOnly, synthesis } = props;
      const made = markRaw(createEditor({ ...toRaw(props.options), runtime: toRaw(props.runtime), readOnly, synthesis, ...(start && { document: start }) }));
      const binding = bindDocument(made, (document) => {
        emit('update:modelValue', markRaw(document));
        void nextTick(() => binding.give(toRaw(props.modelValue))); // a refused change is taken back, too
      });
      const stop = watch(() => props.modelValue, (document) => binding.give(toRaw(document)), { flush: 'post' });
      editor.value = made;
      show();
      close = () => {
        unmount();
        stop();
        binding.stop();
        made.dispose();
        editor.value = undefined;
      };
    }
    function show(): void {
      unmount();
      const { theme, lang, compare, messages } = props;
      const options = Object.fromEntries(Object.entries({ theme, lang, compare, messages }).filter(([, option]) => option !== undefined));
      if (editor.value && host.value) unmount = mountEditor(editor.value, host.value, options);
    }
    onMounted(open);
    onBeforeUnmount(() => close());
    watch(() => props.runtime, open);
    watch(() => [props.theme, props.lang, props.compare, props.messages], show);
    watch(() => props.readOnly, (readOnly) => editor.value?.setReadOnly(readOnly));
    watch(() => props.synthesis, (synthesis) => editor.value?.setSynthesis(synthesis));
    expose({ editor });
    return () => h('div', { ref: host });
  },
});
