import { SpatialGANError, latentFromJson, latentToJson, layoutFromJson, layoutToJson, requestFromJson } from '@spatialgan/schema';
import type { EditorDocument } from './document.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Takes documents of one version to the next; JSON in, JSON out. */
export interface DocumentMigration {
  readonly from: number;
  migrate(json: JsonObject): JsonObject;
}
/** Oldest first. Version 2 brought locks, version 3 labels. */
export const documentMigrations: readonly DocumentMigration[] = [
  { from: 1, migrate: (json) => ({ ...json, version: 2, locked: [] }) },
  { from: 2, migrate: (json) => ({ ...json, version: 3 }) },
];
const VERSION = 3;

/** A document as plain JSON; numbers of latents are base64, so that nothing is rounded. */
export function documentToJson({ layout, originalLayout, latent, ...rest }: EditorDocument): JsonObject {
  return { ...rest, latent: latentToJson(latent), layout: layoutToJson(layout), originalLayout: layoutToJson(originalLayout) };
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const wrong = (expected: string, got: unknown): never => {
  throw new SpatialGANError('DATA', `document: expected ${expected}, got ${JSON.stringify(got) ?? String(got)}`);
};

function migrated(value: JsonObject): JsonObject {
  let json = value;
  for (let version = json['version']; version !== VERSION; version = json['version']) {
    if (typeof version === 'number' && version > VERSION) wrong(`version ${VERSION} or older (update @spatialgan/editor-sdk to read newer ones)`, version);
    const migration = documentMigrations.find(({ from }) => from === version) ?? wrong(`a version from 1 to ${VERSION}`, version);
    json = migration.migrate(json);
  }
  return json;
}

/**
 * Reads what {@link documentToJson} wrote, in this version or an older one, from anywhere.
 *
 * @throws SpatialGANError 'DATA' or 'LAYOUT' naming the first wrong place.
 */
export function documentFromJson(value: unknown): EditorDocument {
  if (!isObject(value)) return wrong('an object {version, layout, latent, …}', value);
  const json = migrated(value);
  const { layout, truncationPsi = 1, noise = 'const', label } = requestFromJson(json);
  const { locked } = json;
  if (!Array.isArray(locked) || !locked.every((id) => typeof id === 'string')) return wrong('locked to be a list of ids', locked);
  return {
    version: VERSION, layout, originalLayout: layoutFromJson(json['originalLayout'] ?? json['layout']), latent: latentFromJson(json['latent']),
    truncationPsi, noise, locked, ...(label && { label }),
  };
}
