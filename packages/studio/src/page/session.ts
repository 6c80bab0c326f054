import { createEditor, messagesFor, mountEditor, type Editor } from '@spatialgan/editor-sdk';
import { byId } from './byId.js';
import { centeredLayout } from './centeredLayout.js';
import type { OpenModel } from './openModel.js';
import type { Theme } from './theme.js';
import type { Words } from './words.js';

/** An editor on a model, on the page. */
export interface Session {
  readonly editor: Editor;
  readonly model: OpenModel;
  /** Shows the editor and what the bar says of the model, in the present language and colours. */
  show(): void;
  close(): Promise<void>;
}
export interface SessionOptions {
  readonly words: Words;
  readonly theme: () => Theme;
}

const BACKEND_NAMES: Readonly<Record<string, string>> = { webgpu: 'WebGPU', wasm: 'WebAssembly', webgl: 'WebGL', tensorflow: 'libtensorflow', cpu: 'JavaScript' };

/** What the bar says of a model. */
function showModel({ runtime, source }: OpenModel, { text }: Words): void {
  const { name, imgResolution, backend = '' } = runtime.info;
  byId('model-name').textContent = name;
  byId('model-size').textContent = `${imgResolution}×${imgResolution}`;
  const chip = byId('backend');
  chip.hidden = backend === '';
  const named = BACKEND_NAMES[backend] ?? backend;
  chip.textContent = source.kind === 'server' ? text('onServer', { backend: named }) : named;
  for (const button of document.querySelectorAll<HTMLElement>('.needs-model')) button.hidden = false;
  byId('photo').hidden = runtime.project === undefined;
  document.title = `${name} · SpatialGAN Studio`;
}

/** Mounts an editor on a model that is open. */
export async function openSession(model: OpenModel, { words, theme }: SessionOptions): Promise<Session> {
  const { runtime } = model;
  const editor = createEditor({ runtime, truncationPsi: 0.7, layout: await centeredLayout(runtime) });
  let unmount = (): void => {};
  return {
    editor, model,
    show() {
      const { language, phrases } = words.messages();
      const messages = messagesFor(language);
      unmount();
      unmount = mountEditor(editor, byId('editor'), { messages: { ...messages, steps: { ...messages.steps, ...phrases } }, theme: theme() === 'contrast' ? 'contrast' : 'auto' });
      showModel(model, words);
    },
    async close() {
      unmount();
      editor.dispose();
      await model.close();
    },
  };
}
