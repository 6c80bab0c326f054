import { encode } from 'fast-png';
import type { RgbaImage } from './overlay.js';

/** A picture as the bytes of a PNG file. */
export const encodePng = ({ width, height, data }: RgbaImage): Uint8Array =>
  encode({ width, height, data, channels: 4, depth: 8 });
