import { type Rng, SpatialGANError } from '@spatialgan/core';
import { type LatentSpec, type ModelRuntime, moveRegion, type Region, type RgbaImage } from '@spatialgan/schema';
import { withoutAlpha } from './generatedImages.js';
import type { RegionMove } from './evaluateCoMove.js';
import type { ByteImage } from '@spatialgan/data';

export interface RegionMovesOptions {
  /** Which level's regions are moved; default 0. */
  readonly level?: number;
  /** Lengths of moves in image sides, drawn evenly; default [0.1, 0.3]. */
  readonly length?: readonly [number, number];
  readonly truncationPsi?: number;
}

const byteImage = ({ pixels, width, height }: RgbaImage): ByteImage => ({ data: withoutAlpha(pixels), width, height, channels: 3 });

/** A move of the drawn length that ends inside the image, or the last of 64 tries. */
function drawMove({ center }: Region, rng: Rng, [least, most]: readonly [number, number]): { x: number; y: number } {
  for (let tries = 0; ; tries++) {
    const angle = 2 * Math.PI * rng.uniform();
    const length = least + (most - least) * rng.uniform();
    const move = { x: length * Math.cos(angle), y: length * Math.sin(angle) };
    const [x, y] = [center.x + move.x, center.y + move.y];
    if (tries === 64 || (x >= 0 && x <= 1 && y >= 0 && y <= 1)) return move;
  }
}

/**
 * Moves random regions of a model: same latent, same noise, one region elsewhere, its children along with it.
 *
 * @returns what `evaluateCoMove` draws from; the runtime stays the caller's.
 */
export function regionMoves(runtime: ModelRuntime, options: RegionMovesOptions = {}): (index: number, rng: Rng) => Promise<RegionMove> {
  const { level = 0, length = [0.1, 0.3], truncationPsi = 1 } = options;
  return async (_index, rng) => {
    const layout = await runtime.sampleLayout(rng.integer(2 ** 31));
    const regions = layout.levels[level]?.regions ?? [];
    const region = regions[rng.integer(Math.max(1, regions.length))];
    if (!region) throw new SpatialGANError('LAYOUT', `regionMoves: expected a region on level ${level}, the model's layouts have ${layout.levels.length} levels`);
    const move = drawMove(region, rng, length);
    const moved = moveRegion(layout, region.id, { x: region.center.x + move.x, y: region.center.y + move.y });
    const latent: LatentSpec = { kind: 'seed', seed: rng.integer(2 ** 31) };
    const before = byteImage(await runtime.synthesize({ latent, layout, truncationPsi }));
    const after = byteImage(await runtime.synthesize({ latent, layout: moved, truncationPsi }));
    return { before, after, center: region.center, move };
  };
}
