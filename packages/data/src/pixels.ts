/** Writes u8 pixels as floats in [-1, 1] (u8 / 127.5 - 1), flipped left-right when asked; [side,side,3] both. */
export function writeNormalized(
  pixels: Uint8Array,
  into: Float32Array,
  options: { readonly side: number; readonly mirrored?: boolean },
): void {
  const { side, mirrored = false } = options;
  if (!mirrored) {
    for (let i = 0; i < pixels.length; i++) into[i] = pixels[i]! / 127.5 - 1;
    return;
  }
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = (y * side + x) * 3;
      const to = (y * side + side - 1 - x) * 3;
      for (let c = 0; c < 3; c++) into[to + c] = pixels[from + c]! / 127.5 - 1;
    }
  }
}
