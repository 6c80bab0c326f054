import { decode, encode } from 'fast-png';
import { type RgbaImage, SpatialGANError } from '@spatialgan/schema';
import { documentFromText, documentToText, type SharedDocument } from './document.js';

const KEYWORD = 'SpatialGAN';
const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const fromBase64 = (text: string): string => new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));

/** An image as a PNG file; a document that is given travels inside, and {@link readPngDocument} gives it back. */
export function encodePng({ pixels, width, height }: RgbaImage, document?: SharedDocument): Uint8Array {
  const text = document ? { text: { [KEYWORD]: base64(documentToText(document)) } } : {};
  return encode({ width, height, data: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length), channels: 4, depth: 8, ...text });
}

/**
 * The document inside a PNG that {@link encodePng} wrote.
 *
 * @throws SpatialGANError 'DATA' when it is no PNG or carries none.
 */
export function readPngDocument(bytes: Uint8Array): SharedDocument {
  const missing = (cause?: unknown): never => {
    throw new SpatialGANError('DATA', 'image: expected a PNG that this editor has saved, with its layout inside; open a photo as a photo instead', { cause });
  };
  if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) return missing();
  let text: string | undefined;
  try {
    text = decode(bytes, { checkCrc: true }).text[KEYWORD];
    text = text === undefined ? undefined : fromBase64(text);
  } catch (cause) {
    return missing(cause);
  }
  return text === undefined ? missing() : documentFromText(text);
}
