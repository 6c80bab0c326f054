import { createEditor, mountEditor } from '@spatialgan/editor-sdk';
import { defineEditorElement } from '@spatialgan/editor-sdk/element';
import { painter } from './painter.js';

// One way: the element makes its editor over the model that it is given.
defineEditorElement();
const element = document.querySelector('spatialgan-editor');
element.runtime = painter();
element.addEventListener('change', () => document.title = `${element.editor.history().past.length} steps`);

// The other way: an editor of one's own, shown in any element. The two share a page and nothing else.
const editor = createEditor({ runtime: painter(), synthesis: 'auto' });
mountEditor(editor, document.querySelector('#mounted'), { theme: 'dark', compare: 'off' });
