import type { ModelRuntime } from '@spatialgan/schema';
import { coMoveSheet } from './coMoveSheet.js';
import { type CoMoveOptions, type CoMoveResult, evaluateCoMove } from './evaluateCoMove.js';
import { regionMoves, type RegionMovesOptions } from './regionMoves.js';
import type { ByteImage } from '@spatialgan/data';

export interface ModelCoMoveOptions extends Omit<CoMoveOptions, 'draw'>, RegionMovesOptions {
  /** Borrowed. */
  readonly runtime: ModelRuntime;
}

export interface ModelCoMoveResult extends CoMoveResult {
  /** The examples as one RGB picture, see `coMoveSheet`. */
  readonly sheet: ByteImage;
}

/**
 * Co-move ratio of a model (§4.3): random layouts and latents, one region moved, both images segmented; with a picture.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires, 'LAYOUT' when the model has no regions on the level.
 */
export async function evaluateModelCoMove(options: ModelCoMoveOptions): Promise<ModelCoMoveResult> {
  const { runtime, level, length, truncationPsi, ...rest } = options;
  const moves = { ...(level !== undefined && { level }), ...(length && { length }), ...(truncationPsi !== undefined && { truncationPsi }) };
  const evaluated = await evaluateCoMove({ ...rest, draw: regionMoves(runtime, moves) });
  return { ...evaluated, sheet: coMoveSheet(evaluated.examples) };
}
