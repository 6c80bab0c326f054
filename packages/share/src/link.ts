import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate';
import { SpatialGANError } from '@spatialgan/schema';
import { documentFromText, documentToText, MAX_TEXT, type SharedDocument } from './document.js';

const KEY = 'edit=';
/** Longest fragment that is read: a w+ of the largest networks, with room. */
const MAX_FRAGMENT = 1 << 18;
const PIECE = 1024;

const damaged = (cause?: unknown): never => {
  throw new SpatialGANError('DATA', 'link: expected an edit that this editor has shared; the link is damaged or incomplete', { cause });
};

/** Deflate makes at most 1032 bytes of one: fed piece by piece, a bomb is seen long before it fills the memory. */
function inflateBounded(bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const inflate = new Inflate((chunk) => {
    size += chunk.length;
    if (size > MAX_TEXT) damaged();
    chunks.push(chunk.slice());
  });
  for (let at = 0; at < bytes.length; at += PIECE) inflate.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** A document as the fragment of a link, `#edit=…`: browsers send it to no server. */
export function encodeFragment(document: SharedDocument): string {
  const bytes = deflateSync(strToU8(documentToText(document)), { level: 9 });
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `#${KEY}${btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`;
}

/**
 * The document of a link's fragment; undefined when the fragment is not about one.
 *
 * @throws SpatialGANError 'DATA' or 'LAYOUT' when it is damaged.
 */
export function decodeFragment(fragment: string): SharedDocument | undefined {
  const text = fragment.replace(/^#/, '');
  if (!text.startsWith(KEY)) return undefined;
  const data = text.slice(KEY.length);
  if (data.length > MAX_FRAGMENT || !/^[A-Za-z0-9_-]+$/.test(data)) return damaged();
  let json: string;
  try {
    const bytes = Uint8Array.from(atob(data.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    json = strFromU8(inflateBounded(bytes));
  } catch (cause) {
    return damaged(cause);
  }
  return documentFromText(json);
}
