import { SpatialGANError } from './errors.js';
import type { HeatmapLayout, LatentSpec, Region } from './layout.js';
import type { SynthesisRequest } from './runtime.js';
import { validateLayout } from './validateLayout.js';

/** A latent as JSON: numbers are base64 of little-endian float32, so that nothing is rounded. */
export type LatentJson =
  | { readonly kind: 'seed'; readonly seed: number }
  | { readonly kind: 'z'; readonly z: string }
  | { readonly kind: 'ws'; readonly ws: string }
  | { readonly kind: 'mix'; readonly from: LatentJson; readonly to: LatentJson; readonly amount: number };

const CHUNK = 0x8000;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** More numbers than any network's w+ holds; a longer text is refused before it is decoded. */
const MAX_FLOATS = 1 << 20;

function toBase64(values: Float32Array): string {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setFloat32(i * 4, value, true));
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

const wrong = (where: string, expected: string): never => {
  throw new SpatialGANError('DATA', `${where}: expected ${expected}; the file or link is damaged or of another kind`);
};

function floatsOf(value: unknown, where: string): Float32Array {
  if (typeof value !== 'string' || value.length > MAX_FLOATS * 6 || value.length % 4 !== 0 || !BASE64.test(value)) {
    return wrong(where, 'base64 of float32 numbers');
  }
  const text = atob(value);
  if (text.length === 0 || text.length % 4 !== 0) return wrong(where, 'base64 of whole float32 numbers');
  const view = new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer);
  const floats = Float32Array.from({ length: text.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
  return floats.every(Number.isFinite) ? floats : wrong(where, 'finite numbers');
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Mixes of mixes beyond this depth are refused. */
const MAX_DEPTH = 8;

/** Whether a value is a seed: a whole number from 0 to 2^53 - 1. */
const isSeed = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** A latent as JSON. */
export function latentToJson(latent: LatentSpec): LatentJson {
  switch (latent.kind) {
    case 'seed':
      return { kind: 'seed', seed: latent.seed };
    case 'z':
      return { kind: 'z', z: toBase64(latent.z) };
    case 'mix':
      return { kind: 'mix', from: latentToJson(latent.from), to: latentToJson(latent.to), amount: latent.amount };
    default:
      return { kind: 'ws', ws: toBase64(latent.ws) };
  }
}

/**
 * Reads what {@link latentToJson} wrote, from anywhere.
 *
 * @throws SpatialGANError 'DATA' naming the first wrong place.
 */
export function latentFromJson(value: unknown, where = 'latent'): LatentSpec {
  return readLatent(value, where, 0);
}

function readLatent(value: unknown, where: string, depth: number): LatentSpec {
  if (!isRecord(value)) return wrong(where, "an object of kind 'seed', 'z', 'ws' or 'mix'");
  if (value['kind'] === 'mix') {
    const { amount } = value;
    if (depth === MAX_DEPTH) return wrong(where, `at most ${MAX_DEPTH} mixes within each other`);
    if (typeof amount !== 'number' || !(Math.abs(amount) <= 10)) return wrong(`${where}.amount`, 'a number from -10 to 10');
    return { kind: 'mix', from: readLatent(value['from'], `${where}.from`, depth + 1), to: readLatent(value['to'], `${where}.to`, depth + 1), amount };
  }
  if (value['kind'] === 'seed') {
    const { seed } = value;
    return isSeed(seed) ? { kind: 'seed', seed } : wrong(`${where}.seed`, 'a whole number from 0');
  }
  if (value['kind'] === 'z') return { kind: 'z', z: floatsOf(value['z'], `${where}.z`) };
  if (value['kind'] === 'ws') return { kind: 'ws', ws: floatsOf(value['ws'], `${where}.ws`) };
  return wrong(`${where}.kind`, "'seed', 'z', 'ws' or 'mix'");
}

const mapStyles = (layout: HeatmapLayout, change: (style: unknown, id: string) => unknown): HeatmapLayout => ({
  ...layout,
  levels: layout.levels.map((level) => ({
    ...level,
    regions: level.regions.map((region) => (region.style === undefined ? region : ({ ...region, style: change(region.style, region.id) } as Region))),
  })),
});

/** A layout as JSON: the same, but that the regions' own latents are written as {@link LatentJson}. */
export function layoutToJson(layout: HeatmapLayout): unknown {
  return mapStyles(layout, (style) => latentToJson(style as LatentSpec));
}

/**
 * Reads what {@link layoutToJson} wrote, from anywhere.
 *
 * @throws SpatialGANError 'LAYOUT' or 'DATA' naming the first wrong place.
 */
export function layoutFromJson(value: unknown): HeatmapLayout {
  return mapStyles(validateLayout(value), (style, id) => latentFromJson(style, `layout: region '${id}': style`));
}

/** A request as plain JSON: what links, files and HTTP carry. */
export function requestToJson({ latent, layout, label, truncationPsi, noise }: SynthesisRequest): Readonly<Record<string, unknown>> {
  return {
    latent: latentToJson(latent),
    layout: layoutToJson(layout),
    ...(label === undefined ? {} : { label: [...label] }),
    ...(truncationPsi === undefined ? {} : { truncationPsi }),
    ...(noise === undefined ? {} : { noise }),
  };
}

function noiseFromJson(value: unknown): SynthesisRequest['noise'] {
  if (value === undefined || value === 'none' || value === 'const') return value;
  if (isRecord(value) && isSeed(value['seed'])) return { seed: value['seed'] };
  return wrong('noise', "'none', 'const' or a seed");
}

/**
 * Reads what {@link requestToJson} wrote, from anywhere. Other fields are dropped.
 *
 * @throws SpatialGANError 'LAYOUT' or 'DATA' naming the first wrong place.
 */
export function requestFromJson(value: unknown): SynthesisRequest {
  if (!isRecord(value)) return wrong('request', 'an object {latent, layout, label, truncationPsi, noise}');
  const { truncationPsi: psi, label } = value;
  if (label !== undefined && !(Array.isArray(label) && label.length <= 1e5 && label.every((number) => Number.isFinite(number)))) return wrong('label', 'a list of numbers');
  if (psi !== undefined && !(typeof psi === 'number' && Math.abs(psi) <= 10)) return wrong('truncationPsi', 'a number from -10 to 10');
  const noise = noiseFromJson(value['noise']);
  return {
    latent: latentFromJson(value['latent']),
    layout: layoutFromJson(value['layout']),
    ...(label === undefined ? {} : { label: label as number[] }),
    ...(psi === undefined ? {} : { truncationPsi: psi as number }),
    ...(noise === undefined ? {} : { noise }),
  };
}
