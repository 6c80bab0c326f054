import { createEditor, mountEditor, type Editor, type MountOptions } from '../src/index.js';
import { fakeRuntime, type FakeRuntime } from './fakeRuntime.js';

declare global {
  interface Window {
    editor: Editor;
    runtime: FakeRuntime;
    unmount(): void;
  }
}
const query = new URLSearchParams(location.search);
document.documentElement.dir = query.get('dir') ?? 'ltr';
document.documentElement.lang = query.get('lang') ?? 'en';
window.runtime = fakeRuntime({ delay: Number(query.get('delay') ?? 15), everything: query.has('everything'), labels: Number(query.get('labels') ?? 0) });
window.editor = createEditor({ runtime: window.runtime, randomSeed: () => 5 });
const theme = query.get('theme') as MountOptions['theme'] | null;
const compare = query.get('compare') as MountOptions['compare'] | null;
window.unmount = mountEditor(window.editor, document.querySelector<HTMLElement>('#editor')!, { ...(theme && { theme }), ...(compare && { compare }) });
