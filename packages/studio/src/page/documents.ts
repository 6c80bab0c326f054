import type { Editor } from '@spatialgan/editor-sdk';
import type { SynthesisRequest } from '@spatialgan/schema';
import type { SharedDocument, SharedModel } from '@spatialgan/share';
import type { OpenModel } from './openModel.js';
import type { Words } from './words.js';

export const requestOf = ({ layout, latent, truncationPsi, noise, label }: SynthesisRequest): SynthesisRequest =>
  ({ layout, latent, ...(truncationPsi === undefined ? {} : { truncationPsi }), ...(noise === undefined ? {} : { noise }), ...(label === undefined ? {} : { label }) });

/** Addresses that mean another machine to whoever opens the link. */
const isLocal = ({ hostname }: URL): boolean => hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');

const modelOf = ({ runtime, source, sha256 }: OpenModel): SharedModel => {
  const url = source.kind === 'url' && source.url.protocol.startsWith('http') && !isLocal(source.url) ? { url: source.url.href } : {};
  return { name: runtime.info.name, ...(sha256 === undefined ? {} : { sha256 }), ...url };
};

/** The editor's document as others get it. */
export function sharedDocument(editor: Editor, model: OpenModel): SharedDocument {
  const { document } = editor.getState();
  return { request: requestOf(document), originalLayout: document.originalLayout, model: modelOf(model) };
}

/** Shows a document in the editor, as one undo step with a name. */
export function showDocument(editor: Editor, { request, originalLayout }: SharedDocument, step: string): void {
  const { layout, latent, truncationPsi = 1, noise = 'const', label } = request;
  const options = { transaction: 'open-document', label: step };
  editor.endTransaction();
  editor.dispatch({ type: 'reset', layout: originalLayout ?? layout, latent }, options);
  editor.dispatch({ type: 'setTruncation', psi: truncationPsi }, options);
  editor.dispatch({ type: 'setNoise', noise }, options);
  editor.dispatch({ type: 'setLabel', label }, options);
  if (originalLayout) editor.dispatch({ type: 'setLayout', layout }, options);
  editor.endTransaction();
}

/** Why a document may look different here: it was made with another model. */
export function mismatch({ model: made }: SharedDocument, { runtime, sha256 }: OpenModel, { text }: Words): string | undefined {
  if (!made) return undefined;
  if (made.sha256 !== undefined && sha256 !== undefined) {
    return made.sha256 === sha256 ? undefined : text('otherFile', { name: made.name });
  }
  return made.name === runtime.info.name ? undefined : text('otherModel', { name: made.name });
}
