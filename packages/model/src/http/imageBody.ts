import { SpatialGANError, type RgbaImage } from '@spatialgan/schema';

/** Longest header that is read: a few hundred images. */
const MAX_HEADER = 1 << 16;
const MAX_SIDE = 1 << 14;

interface Entry {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Images as one body: the length of a JSON header (uint32, little-endian), the header `[{name, width, height}]`, then RGBA bytes in that order.
 */
export function encodeImages(images: Readonly<Record<string, RgbaImage>>): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(images).map(([name, { width, height }]): Entry => ({ name, width, height }));
  const header = new TextEncoder().encode(JSON.stringify(entries));
  const body = new Uint8Array(4 + header.length + entries.reduce((sum, { width, height }) => sum + 4 * width * height, 0));
  new DataView(body.buffer).setUint32(0, header.length, true);
  body.set(header, 4);
  let at = 4 + header.length;
  for (const { pixels } of Object.values(images)) {
    body.set(pixels, at);
    at += pixels.length;
  }
  return body;
}

const isSide = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_SIDE;

/** Reads what {@link encodeImages} wrote. @throws SpatialGANError 'DATA' when it is damaged. */
export function decodeImages(body: Uint8Array<ArrayBuffer>): Readonly<Record<string, RgbaImage>> {
  const damaged = (what: string): never => {
    throw new SpatialGANError('DATA', `images: expected ${what}; what answered is no SpatialGAN server, or of another version`);
  };
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const length = body.length >= 4 ? view.getUint32(0, true) : 0;
  if (length === 0 || length > MAX_HEADER || 4 + length > body.length) return damaged('a header');
  let entries: readonly Entry[];
  try {
    entries = JSON.parse(new TextDecoder().decode(body.subarray(4, 4 + length))) as readonly Entry[];
  } catch {
    return damaged('a JSON header');
  }
  const known = Array.isArray(entries) && entries.every((e) => typeof e?.name === 'string' && isSide(e.width) && isSide(e.height));
  if (!known || body.length !== entries.reduce((sum, { width, height }) => sum + 4 * width * height, 4 + length)) return damaged('sizes that fit the bytes');
  let at = 4 + length;
  const images = entries.map(({ name, width, height }) => {
    const pixels = new Uint8ClampedArray(body.slice(at, (at += 4 * width * height)).buffer);
    return [name, { pixels, width, height }] as const;
  });
  return Object.fromEntries(images);
}
