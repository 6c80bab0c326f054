import { createEditor, mountEditor, type Editor } from '@spatialgan/editor-sdk';
import { byId } from './byId.js';
import { centeredLayout } from './centeredLayout.js';
import { fetchModel } from './fetchModel.js';
import { listenToFiles } from './modelFiles.js';
import { openModel, type OpenModel } from './openModel.js';
import { saveImage } from './saveImage.js';
import { followTheme } from './theme.js';
import { createWelcome } from './welcome.js';

interface Session {
  readonly editor: Editor;
  readonly model: OpenModel;
  unmount(): void;
}

const BACKEND_NAMES: Readonly<Record<string, string>> = { webgpu: 'WebGPU', wasm: 'WebAssembly' };

const welcome = createWelcome();
let session: Session | undefined;

async function close(): Promise<void> {
  const closing = session;
  session = undefined;
  closing?.unmount();
  closing?.editor.dispose();
  await closing?.model.close();
}

async function show(model: OpenModel): Promise<void> {
  const { name, imgResolution, backend } = model.runtime.info;
  const editor = createEditor({ runtime: model.runtime, truncationPsi: 0.7, layout: await centeredLayout(model.runtime) });
  session = { editor, model, unmount: mountEditor(editor, byId('editor')) };
  const chips = { 'model-name': `${name} · ${imgResolution}×${imgResolution}`, backend: BACKEND_NAMES[backend ?? ''] ?? backend ?? '' };
  for (const [id, text] of Object.entries(chips)) Object.assign(byId(id), { textContent: text, hidden: text === '' });
  byId('save').hidden = false;
  document.title = `${name} · SpatialGAN Studio`;
}

async function open(bytes: () => Promise<ArrayBuffer>, from: string): Promise<void> {
  try {
    const loaded = await bytes();
    await close();
    await show(await openModel(loaded, (text) => welcome.progress(text)));
    welcome.done();
  } catch (error) {
    welcome.fail(`Could not open ${from}`, error);
  }
}

const openUrl = (address: string): Promise<void> => {
  const url = new URL(address, location.href);
  return open(() => fetchModel(url, (share) => welcome.progress('downloading', share)), url.pathname.split('/').pop() || url.href);
};

followTheme();
listenToFiles((file) => {
  welcome.progress(`reading ${file.name}`);
  return open(() => file.arrayBuffer(), file.name);
});
byId('save').addEventListener('click', () => {
  const image = session?.editor.getState().image;
  if (image) saveImage(image, `${session?.model.runtime.info.name ?? 'image'}.png`);
});
void openUrl(new URLSearchParams(location.search).get('model') ?? './model.safetensors');
