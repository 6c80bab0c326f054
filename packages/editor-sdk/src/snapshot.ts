import { SpatialGANError, findRegion } from '@spatialgan/schema';
import type { EditorDocument } from './document.js';
import { documentFromJson, documentToJson, type JsonObject } from './documentJson.js';
import type { Model, SynthesisMode } from './state.js';

/** What one sitting adds to a document; a snapshot opens without it as well. */
export interface EditorSession {
  readonly selection: readonly string[];
  readonly activeLevel: number;
  readonly toolId: string;
  readonly snap: boolean;
  readonly synthesis: SynthesisMode;
}
/** All of an editor but its history and images, as plain JSON: `JSON.stringify` keeps it exactly. */
export interface EditorSnapshot {
  readonly document: JsonObject;
  readonly session?: EditorSession;
}

export function snapshotOf({ document, selection, activeLevel, toolId, snap, synthesis }: Model): EditorSnapshot {
  return { document: documentToJson(document), session: { selection, activeLevel, toolId, snap, synthesis } };
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/**
 * Reads a snapshot of this or an older version.
 *
 * What is wrong in the session is left out; what is wrong in the document throws.
 *
 * @throws SpatialGANError 'DATA' or 'LAYOUT' naming the first wrong place.
 */
export function readSnapshot(value: unknown): { readonly document: EditorDocument; readonly session: Partial<EditorSession> } {
  if (!isObject(value)) throw new SpatialGANError('DATA', `snapshot: expected {document, session}, got ${String(value)}`);
  const document = documentFromJson(value['document']);
  const kept = isObject(value['session']) ? value['session'] : {};
  const { selection, activeLevel, toolId, snap, synthesis } = kept;
  const levels = document.layout.levels.length;
  return {
    document,
    session: {
      ...(Array.isArray(selection) && { selection: selection.filter((id): id is string => typeof id === 'string' && findRegion(document.layout, id) !== undefined) }),
      ...(Number.isInteger(activeLevel) && { activeLevel: Math.min(Math.max(activeLevel as number, 0), levels - 1) }),
      ...(typeof toolId === 'string' && { toolId }),
      ...(typeof snap === 'boolean' && { snap }),
      ...((synthesis === 'auto' || synthesis === 'manual') && { synthesis }),
    },
  };
}
