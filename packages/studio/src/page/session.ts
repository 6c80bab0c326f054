import { createEditor, mountEditor, type Editor } from '@spatialgan/editor-sdk';
import { byId } from './byId.js';
import { centeredLayout } from './centeredLayout.js';
import type { OpenModel } from './openModel.js';

/** An editor on a model, on the page. */
export interface Session {
  readonly editor: Editor;
  readonly model: OpenModel;
  close(): Promise<void>;
}

const BACKEND_NAMES: Readonly<Record<string, string>> = { webgpu: 'WebGPU', wasm: 'WebAssembly', webgl: 'WebGL', tensorflow: 'libtensorflow', cpu: 'JavaScript' };

/** What the bar says of a model. */
export function showModel({ runtime, source }: OpenModel): void {
  const { name, imgResolution, backend } = runtime.info;
  byId('model-name').textContent = `${name} · ${imgResolution}×${imgResolution}`;
  const chip = byId('backend');
  chip.hidden = backend === undefined;
  chip.textContent = `${BACKEND_NAMES[backend ?? ''] ?? backend ?? ''}${source.kind === 'server' ? ' on the server' : ''}`;
  for (const button of document.querySelectorAll<HTMLElement>('.needs-model')) button.hidden = false;
  byId('photo').hidden = runtime.project === undefined;
  document.title = `${name} · SpatialGAN Studio`;
}

/** Mounts an editor on a model that is open. */
export async function openSession(model: OpenModel): Promise<Session> {
  const { runtime } = model;
  const editor = createEditor({ runtime, truncationPsi: 0.7, layout: await centeredLayout(runtime) });
  const unmount = mountEditor(editor, byId('editor'));
  showModel(model);
  return {
    editor, model,
    async close() {
      unmount();
      editor.dispose();
      await model.close();
    },
  };
}
