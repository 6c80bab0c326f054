export { chineseMessages } from './dom/chineseMessages.js';
export { englishMessages, type EditorMessages } from './dom/messages.js';
export { messagesFor, mountEditor, type MountOptions } from './dom/mountEditor.js';
