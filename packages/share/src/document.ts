import { type HeatmapLayout, layoutFromJson, layoutToJson, regionsOf, requestFromJson, requestToJson, SpatialGANError, type SynthesisRequest } from '@spatialgan/schema';

/** The model that a document was made with. */
export interface SharedModel {
  readonly name: string;
  /** Hash of the model's file: equal files give equal pixels on one backend. */
  readonly sha256?: string;
  /** Where others find it; absent for files of one's own. */
  readonly url?: string;
}

/** All that another person needs to see the same image, and to go on from it. */
export interface SharedDocument {
  readonly request: SynthesisRequest;
  /** The layout before the edits. Default: the request's own. */
  readonly originalLayout?: HeatmapLayout;
  readonly model?: SharedModel;
}

const FORMAT = 'spatialgan-document';
/** Far more than any layout: what is larger is not read. */
export const MAX_TEXT = 1 << 20;
const MAX_REGIONS = 512;

const refuse = (message: string, cause?: unknown): never => {
  throw new SpatialGANError('DATA', `document: ${message}`, { cause });
};
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A document as the text of a JSON file. */
export function documentToText({ request, originalLayout, model }: SharedDocument): string {
  const original = originalLayout && originalLayout !== request.layout ? { originalLayout: layoutToJson(originalLayout) } : {};
  return JSON.stringify({ format: FORMAT, version: 1, ...(model ? { model } : {}), ...requestToJson(request), ...original });
}

function modelOf(value: unknown): SharedModel | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value)) return refuse('expected the model as an object');
  const { name, sha256, url } = value;
  if (typeof name !== 'string' || name.length > 200) return refuse("expected the model's name");
  if (sha256 !== undefined && !(typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256))) return refuse("expected the model's sha256 as 64 hexadecimal digits");
  // No other scheme may reach a fetch: not javascript:, not data:, not file:.
  if (url !== undefined && !(typeof url === 'string' && url.length < 2048 && /^https?:\/\//.test(url) && URL.canParse(url))) return refuse("expected the model's url to begin with http:// or https://");
  return { name, ...(sha256 === undefined ? {} : { sha256: sha256 as string }), ...(url === undefined ? {} : { url: url as string }) };
}

function layoutOf(value: unknown): HeatmapLayout {
  const layout = layoutFromJson(value);
  const count = regionsOf(layout).length;
  return count <= MAX_REGIONS ? layout : refuse(`expected at most ${MAX_REGIONS} regions, got ${count}`);
}

/**
 * Reads a JSON file that {@link documentToText} wrote, or a bare layout (a default latent goes with it).
 *
 * @throws SpatialGANError 'DATA' or 'LAYOUT' naming the first wrong place; nothing of the text is run or fetched.
 */
export function documentFromText(text: string): SharedDocument {
  if (text.length > MAX_TEXT) return refuse(`expected at most ${MAX_TEXT >> 20} MiB of JSON`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refuse('expected JSON; the file or link is damaged or of another kind', cause);
  }
  if (!isRecord(value)) return refuse('expected an object; the file or link is of another kind');
  if (value['format'] === undefined && value['levels'] !== undefined) return { request: { layout: layoutOf(value), latent: { kind: 'seed', seed: 0 } } };
  if (value['format'] !== FORMAT) return refuse(`expected a file of format '${FORMAT}' or a layout`);
  if (value['version'] !== 1) return refuse(`expected version 1, got ${JSON.stringify(value['version'])?.slice(0, 20)}; a newer editor may have written it`);
  layoutOf(value['layout']);
  const model = modelOf(value['model']);
  const original = value['originalLayout'];
  return {
    request: requestFromJson(value),
    ...(original === undefined ? {} : { originalLayout: layoutOf(original) }),
    ...(model ? { model } : {}),
  };
}
