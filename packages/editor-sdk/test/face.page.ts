import { createEditor, mountEditor, type Editor } from '../src/index.js';
import { fakeRuntime, type FakeRuntime } from './fakeRuntime.js';

declare global {
  interface Window {
    editor: Editor;
    runtime: FakeRuntime;
    unmount(): void;
  }
}
const delay = Number(new URLSearchParams(location.search).get('delay') ?? 15);
window.runtime = fakeRuntime({ delay });
window.editor = createEditor({ runtime: window.runtime, randomSeed: () => 5 });
window.unmount = mountEditor(window.editor, document.querySelector<HTMLElement>('#editor')!);
