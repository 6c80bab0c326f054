import type { Editor } from '@spatialgan/editor-sdk';
import type { RgbaImage, SynthesisRequest } from '@spatialgan/schema';
import { requestOf } from './documents.js';

/** Moments that were pinned, with their images where they were at hand. */
export interface Pin {
  readonly request: SynthesisRequest;
  readonly image: RgbaImage | undefined;
}
export interface Pins {
  add(editor: Editor): void;
  remove(index: number): void;
  clear(): void;
  list(): readonly Pin[];
}

/** Keeps the pinned keyframes of a film. */
export function createPins(onChange: (count: number) => void): Pins {
  let pins: readonly Pin[] = [];
  const set = (next: readonly Pin[]): void => {
    pins = next;
    onChange(pins.length);
  };
  return {
    add(editor) {
      const { document, image, imageIsCurrent } = editor.getState();
      set([...pins, { request: requestOf(document), image: imageIsCurrent ? image : undefined }]);
    },
    remove: (index) => set(pins.filter((_, i) => i !== index)),
    clear: () => set([]),
    list: () => pins,
  };
}

/** Where a film's keyframes come from. */
export type KeyframeChoice = 'ends' | 'edits' | 'pins';

/** More steps than a film of a few minutes holds. */
const MAX_EDITS = 100;

const steps = (editor: Editor): readonly SynthesisRequest[] => {
  const { past } = editor.history();
  const { layout, latent } = editor.getState();
  const documents = [...past.map(({ before }) => before), editor.getState().document];
  // What came before the last opened document, Reset or new model is another film.
  const { originalLayout } = editor.getState().document;
  return documents.filter((document) => document.originalLayout === originalLayout && document.layout.levels.length === layout.levels.length && latent.kind === document.latent.kind)
    .map(requestOf).slice(-MAX_EDITS);
};

/** The keyframes of a choice, neighbours that are the same left out; fewer than two when there is nothing to show. */
export function keyframesOf(choice: KeyframeChoice, editor: Editor, pins: Pins): readonly SynthesisRequest[] {
  const { document } = editor.getState();
  const all =
    choice === 'pins' ? pins.list().map(({ request }) => request)
    : choice === 'edits' ? steps(editor)
    : [{ ...requestOf(document), layout: document.originalLayout }, requestOf(document)];
  return all.filter((request, i) => i === 0 || request.layout !== all[i - 1]!.layout || request.latent !== all[i - 1]!.latent || request.truncationPsi !== all[i - 1]!.truncationPsi || request.label !== all[i - 1]!.label);
}
