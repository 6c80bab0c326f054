/** Pixels of one class that hang together. */
export interface Piece {
  readonly kind: number;
  /** Numbers of the pixels. */
  readonly pixels: readonly number[];
}

export interface ConnectedOptions {
  readonly width: number;
  /** Pixels at most this many rows and columns apart hang together; 0 (default) = only side by side, without corners. */
  readonly gap?: number;
}

function neighboursOf(gap: number): readonly (readonly [number, number])[] {
  if (gap === 0) return [[-1, 0], [1, 0], [0, -1], [0, 1]];
  const side = 2 * gap + 1;
  return Array.from({ length: side * side }, (_, i) => [(i % side) - gap, Math.floor(i / side) - gap] as const);
}

/**
 * The pieces of equal class that hang together; class -1 is skipped.
 *
 * @param classes [height, width].
 */
export function connectedPieces(classes: ArrayLike<number>, { width, gap = 0 }: ConnectedOptions): readonly Piece[] {
  const seen = new Uint8Array(classes.length);
  const neighbours = neighboursOf(gap);
  const found: Piece[] = [];
  for (let start = 0; start < classes.length; start++) {
    const kind = classes[start]!;
    if (kind < 0 || seen[start]) continue;
    const pixels = [start];
    seen[start] = 1;
    for (let at = 0; at < pixels.length; at++) {
      const i = pixels[at]!;
      const x = i % width;
      for (const [dx, dy] of neighbours) {
        const next = i + dy * width + dx;
        if (x + dx < 0 || x + dx >= width || next < 0 || next >= classes.length || seen[next] || classes[next] !== kind) continue;
        seen[next] = 1;
        pixels.push(next);
      }
    }
    found.push({ kind, pixels });
  }
  return found;
}
