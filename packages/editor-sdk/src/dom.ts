export { englishMessages, type EditorMessages } from './dom/messages.js';
export { mountEditor, type MountOptions } from './dom/mountEditor.js';
