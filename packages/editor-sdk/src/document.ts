import { findRegion, type HeatmapLayout, type LatentSpec, type SynthesisRequest } from '@spatialgan/schema';

export type NoiseMode = NonNullable<SynthesisRequest['noise']>;

/** Everything an edit can change, and with it everything undo restores. Plain data, never mutated. */
export interface EditorDocument {
  readonly version: 3;
  readonly layout: HeatmapLayout;
  /** The layout before the user's edits: what Reset drew, or what the host opened. */
  readonly originalLayout: HeatmapLayout;
  readonly latent: LatentSpec;
  /** Truncation ψ: 1 = off, 0 = the mean image. */
  readonly truncationPsi: number;
  readonly noise: NoiseMode;
  /** Label of a conditional model, e.g. one-hot; absent: its first class, or a model without labels. */
  readonly label?: readonly number[];
  /** Ids of regions that no edit may touch. */
  readonly locked: readonly string[];
}

/** A layout without regions, shown until a model has sampled one. */
export const emptyLayout: HeatmapLayout = { version: 1, levels: [{ resolutions: 'all', regions: [] }] };

/** A document whose original is its own layout. */
export function createDocument(layout: HeatmapLayout, latent: LatentSpec): EditorDocument {
  return { version: 3, layout, originalLayout: layout, latent, truncationPsi: 1, noise: 'const', locked: [] };
}

/** The document with another layout; locks of regions that are gone go too. */
export function withLayout(document: EditorDocument, layout: HeatmapLayout): EditorDocument {
  const kept = document.locked.filter((id) => findRegion(layout, id));
  return { ...document, layout, locked: kept.length === document.locked.length ? document.locked : kept };
}

/** What to ask of a model to see the document. */
export function requestOf(document: EditorDocument): SynthesisRequest {
  const { layout, latent, truncationPsi, noise, label } = document;
  return { layout, latent, truncationPsi, noise, ...(label && { label }) };
}

/** What to ask of a model to see the document as it was before the edits: same latent, original layout. */
export function originalRequestOf(document: EditorDocument): SynthesisRequest {
  return { ...requestOf(document), layout: document.originalLayout };
}

/** Whether two requests are of the same objects, hence of the same image. */
export function isSameRequest(a: SynthesisRequest, b: SynthesisRequest): boolean {
  return a.layout === b.layout && a.latent === b.latent && a.truncationPsi === b.truncationPsi && a.noise === b.noise && a.label === b.label;
}
