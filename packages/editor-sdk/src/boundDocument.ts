import type { EditorDocument } from './document.js';
import type { Editor } from './editor.js';
import type { Unsubscribe } from './emitter.js';

export interface DocumentBinding {
  /** The document that the host says is the present one; undefined = the editor's own. */
  give(document: EditorDocument | undefined): void;
  stop: Unsubscribe;
}

/**
 * Ties an editor to a host that owns its document; what the adapters of React and Vue share.
 *
 * The host hears of each change and answers with the document it wants: the same (accepted), another (changed), or the one
 * before (refused). A document that it gives unasked is an undo step of its own.
 */
export function bindDocument(editor: Editor, onChange: (document: EditorDocument) => void): DocumentBinding {
  let asked = false;
  let giving = false;
  const stop = editor.on('change', ({ document }) => {
    if (giving) return;
    asked = true;
    onChange(document);
  });
  return {
    give(document) {
      const answers = asked;
      asked = false;
      if (!document || document === editor.getState().document) return;
      giving = true;
      try {
        if (answers) editor.amend(document);
        else editor.dispatch({ type: 'setDocument', document });
      } finally {
        giving = false;
      }
    },
    stop,
  };
}
