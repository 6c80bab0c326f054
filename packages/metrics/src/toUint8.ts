/** How values between two grey levels are rounded. */
export type QuantizeRounding = 'truncate' | 'nearest';

/**
 * Images in [-1, 1] as 8-bit pixels.
 *
 * `truncate` (default) is clamp(x · 127.5 + 128) cut off, as metrics and sampling of the official code do; `nearest`
 * rounds x · 127.5 + 127.5 to the even neighbour, as its snapshot grids do. Infinities clamp, NaN becomes 0.
 */
export function toUint8(values: ArrayLike<number>, rounding: QuantizeRounding = 'truncate'): Uint8Array {
  const out = new Uint8Array(values.length);
  if (rounding === 'nearest') {
    const clamped = new Uint8ClampedArray(out.buffer); // rounds half to even
    for (let i = 0; i < out.length; i++) clamped[i] = values[i]! * 127.5 + 127.5;
    return out;
  }
  for (let i = 0; i < out.length; i++) out[i] = Math.min(255, Math.max(0, values[i]! * 127.5 + 128));
  return out;
}

/** 8-bit pixels as training sees them, u8 / 127.5 - 1 in [-1, 1]. */
export function fromUint8(pixels: ArrayLike<number>): Float32Array {
  return Float32Array.from(pixels, (value) => value / 127.5 - 1);
}
