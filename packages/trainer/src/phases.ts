import { add, concat, mul, reshape, slice, sub, type Tensor2D, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import {
  collectTaps, type DiscriminatorModel, type DiscriminatorPhase, type GeneratorModel, type GeneratorPhase,
  type HeatmapPyramid, type NamedMaps, type ParamTree, type Rng, stopGradient, type TappedScore,
} from '@spatialgan/core';
import type { HeatmapLayout } from '@spatialgan/schema';

/** A second latent z [N,zDim] and the layers that keep the first: 1 there and 0 from the cut on, [1,L,1]. */
export interface Mixing {
  readonly z: Tensor2D;
  readonly keep: Tensor3D;
}

/** What one generator phase is made from; the caller owns all tensors. */
export interface GeneratorInputs {
  readonly z: Tensor2D;
  readonly c?: Tensor2D;
  readonly regionZ?: Tensor3D;
  readonly layouts: readonly HeatmapLayout[];
  readonly heatmaps: HeatmapPyramid;
  readonly rng: Rng;
  /** A second latent that may take over from some layer on; absent: never. */
  readonly mixing?: Mixing;
  readonly noiseMode: 'const' | 'random' | 'none';
}

/** Images with the codes they came from. `ws` is what was synthesized, `unmixedWs` before style mixing. */
export interface Generated {
  readonly images: Tensor4D;
  readonly ws: Tensor3D;
  readonly unmixedWs: Tensor3D;
}

/** Computes at the first call. */
export const once = <T>(compute: () => T): (() => T) => {
  let value: { readonly of: T } | undefined;
  return () => (value ??= { of: compute() }).of;
};

const first = <T extends Tensor2D | Tensor3D | Tensor4D>(x: T, count: number): T =>
  x.shape[0] === count ? x : (slice(x, 0, count) as T);

/** Codes of each region, through the same mapping: [N,K,zDim] → [N,K,L,wDim]. */
export function mapRegions(model: GeneratorModel, params: ParamTree, regionZ: Tensor3D, c?: Tensor2D): Tensor4D {
  const [N, K, zDim] = regionZ.shape;
  if (c) {
    const repeated = reshape(concat(Array.from({ length: K }, () => c), 1), [N * K, c.shape[1]]) as Tensor2D;
    return reshape(model.map(params, reshape(regionZ, [N * K, zDim]), { c: repeated }), [N, K, model.numWs, model.wDim]);
  }
  return reshape(model.map(params, reshape(regionZ, [N * K, zDim])), [N, K, model.numWs, model.wDim]);
}

/**
 * The ws of a second latent from a layer on (one cut for the batch). Whether and where is a mask: the same calls at each step.
 */
function mixedWs(model: GeneratorModel, params: ParamTree, ws: Tensor3D, inputs: GeneratorInputs): Tensor3D {
  if (!inputs.mixing) return ws;
  const { z, keep } = inputs.mixing;
  const [N] = ws.shape;
  const other = model.map(params, first(z, N), mappingContext(inputs, N));
  return add(mul(ws, keep), mul(other, sub(1, keep)));
}

function mappingContext(inputs: GeneratorInputs, count: number): { c?: Tensor2D; heatmaps: HeatmapPyramid } {
  const heatmaps = firstOfPyramid(inputs.heatmaps, count);
  return inputs.c ? { c: first(inputs.c, count), heatmaps } : { heatmaps };
}

const firstOfPyramid = (pyramid: HeatmapPyramid, count: number): HeatmapPyramid =>
  new Map([...pyramid].map(([resolution, map]) => [resolution, first(map, count)]));

/** Maps and synthesizes the first `count` samples. */
export function generate(model: GeneratorModel, params: ParamTree, inputs: GeneratorInputs, count?: number): Generated {
  const n = count ?? inputs.z.shape[0];
  const unmixedWs = model.map(params, first(inputs.z, n), mappingContext(inputs, n));
  const ws = mixedWs(model, params, unmixedWs, inputs);
  const regionZ = inputs.regionZ && first(inputs.regionZ, n);
  const images = model.synthesize(params, ws, {
    heatmaps: firstOfPyramid(inputs.heatmaps, n),
    noiseMode: inputs.noiseMode,
    rng: inputs.rng.split('noise'),
    ...(regionZ ? { regionWs: mapRegions(model, params, regionZ, inputs.c && first(inputs.c, n)) } : {}),
  });
  return { images, ws, unmixedWs };
}

/** A discriminator with its parameters and labels filled in. */
export function tappedScore(model: DiscriminatorModel, params: ParamTree, c?: Tensor2D): TappedScore {
  return (images, tap) => model.score(params, images, tap, c ? { c } : {});
}

/** A score that sees transformed images; their gradients run through the transformation. */
const seeing = (score: TappedScore, augment: Networks['augment']): TappedScore =>
  augment ? (images, tap) => score(augment(images), tap) : score;

function scoreOnce(score: TappedScore, images: () => Tensor4D): () => { scores: Tensor2D; features: NamedMaps } {
  return once(() => {
    const { tap, features } = collectTaps();
    const scores = score(images(), tap) as Tensor2D;
    return { scores, features };
  });
}

/** The two networks and their parameters in a step. */
export interface Networks {
  readonly generator: GeneratorModel;
  readonly discriminator: DiscriminatorModel;
  readonly G: ParamTree;
  readonly D: ParamTree;
  /** Transforms what D sees, real and generated (§5: attention is that of the transformed images). */
  readonly augment?: ((images: Tensor4D) => Tensor4D) | undefined;
}

/** A {@link GeneratorPhase} over one batch; `observed` tells the unmixed ws once something was mapped. */
export function createGeneratorPhase(networks: Networks, inputs: GeneratorInputs): {
  readonly phase: GeneratorPhase;
  observed(): Tensor3D | undefined;
} {
  let mapped: Tensor3D | undefined;
  const run = (count?: number): Generated => {
    const out = generate(networks.generator, networks.G, inputs, count);
    mapped = out.unmixedWs;
    return out;
  };
  const fake = once(() => run());
  const score = seeing(tappedScore(networks.discriminator, networks.D, inputs.c), networks.augment);
  const phase: GeneratorPhase = {
    z: inputs.z,
    ...(inputs.regionZ ? { regionZ: inputs.regionZ } : {}),
    layouts: inputs.layouts,
    heatmaps: inputs.heatmaps,
    rng: inputs.rng.split('loss'),
    fake,
    fakeScore: scoreOnce(score, () => fake().images),
    sample: run,
    score,
  };
  return { phase, observed: () => mapped };
}

/** What one discriminator phase is made from; the caller owns all tensors. */
export interface DiscriminatorInputs {
  readonly real: Tensor4D;
  /** Labels of the real images. */
  readonly c?: Tensor2D;
  /** Generated outside the tape; a phase of R1 alone does not ask for it. */
  readonly fake: () => Tensor4D;
  /** Labels of the generated images. */
  readonly fakeC?: Tensor2D;
  readonly rng: Rng;
}

/** A {@link DiscriminatorPhase} over one real batch and generated images, which are constants. */
export function createDiscriminatorPhase(
  networks: Pick<Networks, 'discriminator' | 'D' | 'augment'>,
  inputs: DiscriminatorInputs,
): DiscriminatorPhase {
  const { augment } = networks;
  const score = seeing(tappedScore(networks.discriminator, networks.D, inputs.c), augment);
  const fake = once(() => stopGradient(inputs.fake()));
  return {
    real: inputs.real,
    fake,
    rng: inputs.rng,
    realScore: scoreOnce(score, () => inputs.real),
    fakeScore: scoreOnce(seeing(tappedScore(networks.discriminator, networks.D, inputs.fakeC), augment), fake),
    score,
  };
}
