import type { HeatmapLayout, LatentSpec, RgbaImage } from '@spatialgan/schema';
import { isSameRequest, originalRequestOf, requestOf, type EditorDocument, type NoiseMode } from './document.js';
import type { History } from './history.js';

/** 'auto' = the paper's auto button: synthesize after every change (§4.2). */
export type SynthesisMode = 'auto' | 'manual';

/** An immutable picture of the editor; every change makes a new one. */
export interface EditorState {
  readonly document: EditorDocument;
  readonly layout: HeatmapLayout;
  readonly latent: LatentSpec;
  readonly truncationPsi: number;
  readonly noise: NoiseMode;
  readonly label: readonly number[] | undefined;
  /** Region ids. */
  readonly selection: readonly string[];
  /** Where new regions go and which level wins under the pointer. */
  readonly activeLevel: number;
  readonly toolId: string;
  readonly synthesis: SynthesisMode;
  /** Whether moved regions snap to each other, to the middle and to the thirds. */
  readonly snap: boolean;
  readonly readOnly: boolean;
  /** The newest image. */
  readonly image?: RgbaImage | undefined;
  /** Whether `image` shows the present document; false during a drag, while computing and in manual mode. */
  readonly imageIsCurrent: boolean;
  /** Whether `image` is as good as the model can: during a drag a runtime may send previews. */
  readonly imageIsFinal: boolean;
  /** The same latent under the layout before the edits. */
  readonly original?: RgbaImage | undefined;
  readonly originalIsCurrent: boolean;
  /** Wall-clock time of the newest image, from request to pixels. */
  readonly milliseconds?: number | undefined;
  readonly status: 'idle' | 'synthesizing' | 'error';
  readonly error?: unknown;
  /** Newest steps that undo and redo would take, as label and command type. */
  readonly undoable?: HistoryLabel | undefined;
  readonly redoable?: HistoryLabel | undefined;
}
export interface HistoryLabel {
  readonly label: string;
  readonly commandType: string;
}

/** What the editor stores; the rest of the state follows from it. */
export interface Model {
  readonly document: EditorDocument;
  readonly history: History;
  readonly selection: readonly string[];
  readonly activeLevel: number;
  readonly toolId: string;
  readonly synthesis: SynthesisMode;
  readonly snap: boolean;
  readonly readOnly: boolean;
  readonly image?: ShownImage | undefined;
  readonly original?: ShownImage | undefined;
  readonly busy: boolean;
  readonly error?: unknown;
}
export interface ShownImage {
  readonly image: RgbaImage;
  readonly request: ReturnType<typeof requestOf>;
  readonly milliseconds: number;
  readonly isFinal: boolean;
}

/** Selectors gathered in one object for listeners and faces. */
export function stateOf(model: Model): EditorState {
  const { document, history, image, original, busy, error, ...session } = model;
  const label = (step: HistoryLabel | undefined): HistoryLabel | undefined =>
    step && { label: step.label, commandType: step.commandType };
  return {
    ...session,
    document,
    layout: document.layout,
    latent: document.latent,
    truncationPsi: document.truncationPsi,
    noise: document.noise,
    label: document.label,
    image: image?.image,
    imageIsCurrent: image !== undefined && isSameRequest(image.request, requestOf(document)),
    imageIsFinal: image?.isFinal ?? false,
    original: original?.image,
    originalIsCurrent: original !== undefined && isSameRequest(original.request, originalRequestOf(document)),
    milliseconds: image?.milliseconds,
    status: error !== undefined ? 'error' : busy ? 'synthesizing' : 'idle',
    error,
    undoable: label(history.past.at(-1)),
    redoable: label(history.future.at(-1)),
  };
}
