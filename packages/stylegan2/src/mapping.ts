import {
  add, broadcastTo, concat, expandDims, mean, mul, slice, sub, type Tensor1D, type Tensor2D, type Tensor3D, tidy, zeros,
} from '@tensorflow/tfjs-core';
import { assertShape, type Rng, SpatialGANError } from '@spatialgan/core';
import { type Activation, fullyConnected, initFullyConnected, normalize2ndMoment } from '@spatialgan/ops';
import type { DenseParams } from './layerParams.js';

/** A mapping network, every field decided. */
export interface ResolvedMappingConfig {
  /** Size of z; 0 in a discriminator, whose mapping sees labels only. */
  readonly zDim: number;
  /** Size of the labels c; 0 = unconditional. */
  readonly cDim: number;
  /** Size of w. */
  readonly wDim: number;
  /** Fully connected layers after the embedding. */
  readonly numLayers: number;
  /** Features of the embedded labels. */
  readonly embedFeatures: number;
  /** Features of the layers between the first and the last. */
  readonly layerFeatures: number;
  readonly activation: Activation;
  /** Learning rate of the layers relative to the network's. */
  readonly lrMultiplier: number;
  /** Decay of the tracked mean of w; null = not tracked (no truncation). */
  readonly wAvgBeta: number | null;
}

/** Parameters of {@link mapping}: fc0, fc1, …; `embed` when conditional, the buffer `wAvg` [wDim] when tracked. */
export type MappingParams = {
  readonly [layer: `fc${number}`]: DenseParams;
  readonly embed?: DenseParams;
  readonly wAvg?: Tensor1D;
};

/** Draws the parameters of a mapping network. The caller owns them. */
export function initMapping(rng: Rng, config: ResolvedMappingConfig): MappingParams {
  const { zDim, cDim, wDim, numLayers, embedFeatures, layerFeatures, lrMultiplier, wAvgBeta } = config;
  const first = zDim + (cDim > 0 ? embedFeatures : 0);
  const widths = [first, ...Array.from({ length: numLayers - 1 }, () => layerFeatures), wDim];
  const layers = Array.from({ length: numLayers }, (_, i) => {
    const shape = { inFeatures: widths[i]!, outFeatures: widths[i + 1]! };
    return [`fc${i}`, initFullyConnected(rng.split(`fc${i}`), { ...shape, lrMultiplier })] as const;
  });
  return {
    ...(cDim > 0 && { embed: initFullyConnected(rng.split('embed'), { inFeatures: cDim, outFeatures: embedFeatures }) }),
    ...Object.fromEntries(layers),
    ...(wAvgBeta !== null && { wAvg: zeros([wDim]) as Tensor1D }),
  };
}

/** What a mapping network reads: at least one of the two. */
export interface MappingInput {
  /** [N,zDim]. */
  readonly z?: Tensor2D;
  /** [N,cDim]. */
  readonly c?: Tensor2D;
}

function mappingInput(params: MappingParams, { z, c }: MappingInput, config: ResolvedMappingConfig): Tensor2D {
  const parts: Tensor2D[] = [];
  if (config.zDim > 0) {
    assertShape('mapping: z', z?.shape ?? [], ['N', config.zDim]);
    parts.push(normalize2ndMoment(z!));
  }
  if (config.cDim > 0) {
    if (!c) throw new SpatialGANError('CONFIG', `mapping: conditional network needs labels c [N,${config.cDim}], got none`);
    assertShape('mapping: c', c.shape, [z ? z.shape[0]! : 'N', config.cDim]);
    parts.push(normalize2ndMoment(fullyConnected(c, params.embed!)));
  }
  return parts.length === 1 ? parts[0]! : (concat(parts, 1) as Tensor2D);
}

/**
 * Maps latent codes and labels to intermediate codes. Differentiable: any order.
 *
 * z and the embedded c are normalized by their second moment apart, then concatenated.
 *
 * @returns w, [N,wDim], not truncated.
 * @throws SpatialGANError 'SHAPE' when an input has the wrong size, 'CONFIG' when labels are missing.
 */
export function mapping(params: MappingParams, input: MappingInput, config: ResolvedMappingConfig): Tensor2D {
  const { numLayers, activation: act, lrMultiplier } = config;
  return tidy(() => {
    let x = mappingInput(params, input, config);
    for (let i = 0; i < numLayers; i++) x = fullyConnected(x, params[`fc${i}`]!, { act, lrMultiplier });
    return x;
  });
}

/** Pulls codes towards the mean code: wAvg + ψ (w − wAvg); w [N,wDim], wAvg [wDim] → [N,wDim]. */
export function truncate(w: Tensor2D, wAvg: Tensor1D, psi: number): Tensor2D {
  return tidy(() => add(wAvg, mul(sub(w, wAvg), psi)) as Tensor2D);
}

/** Which of the broadcast codes are truncated, and how much. */
export interface Truncation {
  /** 1 = not at all, 0 = the mean code. Default 1. */
  readonly truncationPsi?: number | undefined;
  /** Number of leading ws that are truncated; default all. */
  readonly truncationCutoff?: number | undefined;
}

const repeat = (w: Tensor2D, count: number): Tensor3D =>
  broadcastTo(expandDims(w, 1), [w.shape[0], count, w.shape[1]]) as Tensor3D;

/**
 * Gives every layer its copy of w, truncated where asked for.
 *
 * @param w [N,wDim].
 * @returns ws, [N,numWs,wDim].
 * @throws SpatialGANError 'CONFIG' when truncation is asked for and the mean code is not tracked.
 */
export function broadcastWs(
  w: Tensor2D,
  numWs: number,
  { wAvg, truncationPsi = 1, truncationCutoff = numWs }: Truncation & { readonly wAvg?: Tensor1D | undefined } = {},
): Tensor3D {
  if (truncationPsi === 1) return tidy(() => repeat(w, numWs));
  if (!wAvg) throw new SpatialGANError('CONFIG', 'mapping: truncation needs a tracked mean; set wAvgBeta or truncationPsi 1');
  if (!(truncationCutoff >= 0)) {
    throw new SpatialGANError('CONFIG', `mapping: truncationCutoff must be ≥ 0, got ${truncationCutoff}`);
  }
  const cutoff = Math.min(Math.trunc(truncationCutoff), numWs);
  return tidy(() => {
    const truncated = truncate(w, wAvg, truncationPsi);
    if (cutoff === numWs) return repeat(truncated, numWs);
    if (cutoff === 0) return repeat(w, numWs);
    return concat([repeat(truncated, cutoff), repeat(w, numWs - cutoff)], 1);
  });
}

/**
 * The tracked mean after a batch: mean(ws of the first layer) · (1 − beta) + wAvg · beta.
 *
 * @param ws unmixed and untruncated, [N,L,wDim].
 * @returns [wDim].
 */
export function trackWAvg(wAvg: Tensor1D, ws: Tensor3D, beta: number): Tensor1D {
  const [N, , wDim] = ws.shape;
  return tidy(() => {
    const batchMean = mean(slice(ws, [0, 0, 0], [N, 1, wDim]), [0, 1]);
    return add(batchMean, mul(sub(wAvg, batchMean), beta)) as Tensor1D;
  });
}
