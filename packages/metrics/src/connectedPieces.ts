/** Pixels of one class that hang together. */
export interface Piece {
  readonly kind: number;
  /** Numbers of the pixels, row by row. */
  readonly pixels: readonly number[];
}

/** The connected pieces (4 neighbours) of equal class; class -1 is skipped. */
export function connectedPieces(classes: Int16Array, width: number): readonly Piece[] {
  const seen = new Uint8Array(classes.length);
  const found: { kind: number; pixels: number[] }[] = [];
  for (let start = 0; start < classes.length; start++) {
    const kind = classes[start]!;
    if (kind < 0 || seen[start]) continue;
    const pixels = [start];
    seen[start] = 1;
    for (let at = 0; at < pixels.length; at++) {
      const i = pixels[at]!;
      const x = i % width;
      for (const next of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
        if (next < 0 || next >= classes.length || seen[next] || classes[next] !== kind) continue;
        seen[next] = 1;
        pixels.push(next);
      }
    }
    found.push({ kind, pixels });
  }
  return found;
}
