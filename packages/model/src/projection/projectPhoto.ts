import { add, dispose, mean, mul, type Scalar, slice, square, sub, type Tensor3D, type Tensor4D, tidy, zeros, zerosLike } from '@tensorflow/tfjs-core';
import {
  createRng, disposeParams, type LossAndAux, mapParams, type ParamTree, type Rng, stopGradient, type TappedScore, throwIfAborted, valueAndGrad,
} from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import type { HeatmapLayout, LatentSpec, ProjectOptions, Projection, RgbaImage, SynthesisRequest } from '@spatialgan/schema';
import { adam, type AdamState, disposeAdamState, tappedScore } from '@spatialgan/trainer';
import type { BuiltModel } from '../buildModel.js';
import { rgbaImage } from '../pixels.js';
import { isGaussian, layoutOf, layoutTensors, type LayoutTensors, renderLayoutTensors } from './layoutTensors.js';
import { createLikeness, type Likeness, psnrOf } from './likeness.js';
import { likenessOf, photoTensor } from './photoTensor.js';
import { findStart, repeatRegions, type StartingPoint } from './startingPoint.js';

/** What {@link projectPhoto} needs and may be told. */
export interface ProjectPhotoOptions extends ProjectOptions {
  readonly model: BuiltModel;
  readonly G: ParamTree;
  /** The discriminator, whose features judge likeness beside the pixels. */
  readonly D?: ParamTree | undefined;
  /** Draws the starting points and the noise on w. Default seed 0. */
  readonly seed?: number;
  /** Random latents and layouts of which the best is the start. Default 64. */
  readonly candidates?: number;
  /** Progress comes with an image every so many steps. Default 10. */
  readonly previewEvery?: number;
}

const DEFAULT_STEPS = 300;
const TARGETS: readonly string[] = ['b8', 'b16', 'b32'];
/** Learning rates of w in its own deviations, and of the layout in image sides. */
const LR = { w: 0.08, offsets: 0.08, layout: 0.015 } as const;
/** Of the w noise at the start, in deviations; it is gone at three quarters of the way (Karras et al. 2020, appendix D). */
const NOISE = { scale: 0.05, until: 0.75 } as const;
/** Pull of each w towards the one all layers share, and of the layout towards the sampler's: enough to keep both editable. */
const PRIOR = { offsets: 1e-4, layout: 2e-3 } as const;
/** Share of the way on which all layers have one w, so that the layout, not the layers, has to say where things are. */
const ONE_W = 0.4;

/** What is optimized; new tensors after each step. */
type State = {
  /** The code that all layers share, [1,1,wDim]. */
  readonly w: Tensor3D;
  /** What each layer adds to it, [1,L,wDim]. */
  readonly offsets: Tensor3D;
  /** Absent where regions are not Gaussians: then the searched layout stays. */
  readonly layout?: LayoutTensors;
};

/** Up over the first twentieth, down over the last quarter (StyleGAN2's projector). */
const ramp = (t: number): number => Math.min(1, t / 0.05) * (0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, (1 - t) / 0.25)));

interface Problem {
  readonly options: ProjectPhotoOptions;
  readonly likeness: Likeness;
  readonly start: StartingPoint;
  readonly origin: State;
}

const wsOf = ({ w, offsets }: State): Tensor3D => add(w, offsets);

/** The image of a state, [1,H,W,C]; inside a tidy. */
function imageOf(ws: Tensor3D, layout: LayoutTensors | undefined, { options: { model, G }, start }: Problem): Tensor4D {
  const { generator, renderer } = model;
  const heatmaps = layout ? renderLayoutTensors(layout, start.layout, model) : renderer.render([start.layout], generator.heatmapResolutions);
  return generator.synthesize(G, ws, { heatmaps, noiseMode: 'const', ...(generator.regionStyles ? { regionWs: repeatRegions(ws, start.layout) } : {}) });
}

/** Mean squares of the offsets in deviations of w, and of the layout's change in image sides. */
function priorOf(state: State, { origin, start }: Problem): Scalar {
  const offsets = mul(mean(square(state.offsets)), PRIOR.offsets / start.wDeviation ** 2) as Scalar;
  const pulls = Object.entries(state.layout ?? {}).map(([l, level]) => {
    const from = origin.layout![l]!;
    return add(mean(square(sub(level.logScales, from.logScales))), mean(square(level.shears)));
  });
  return pulls.reduce<Scalar>((sum, pull) => add(sum, mul(pull, PRIOR.layout)), offsets);
}

async function stepOf(state: State, moments: Map<string, AdamState>, { problem, t, rng }: { problem: Problem; t: number; rng: Rng }) {
  const { likeness, start } = problem;
  const noise = start.wDeviation * NOISE.scale * Math.max(0, 1 - t / NOISE.until) ** 2;
  const { loss, grads, aux } = valueAndGrad((): LossAndAux => {
    const ws = wsOf(state);
    const image = imageOf(noise > 0 ? add(ws, mul(rng.normalTensor<Tensor3D>(ws.shape), noise)) as Tensor3D : ws, state.layout, problem);
    const { loss: distances, pixels } = likeness.distances(image);
    return { loss: add(mean(distances), priorOf(state, problem)), aux: { pixels: mean(pixels), image: stopGradient(image) } };
  }, state as unknown as ParamTree);
  let next = state as unknown as ParamTree;
  for (const [group, lr] of [['w', LR.w * start.wDeviation], ['offsets', LR.offsets * start.wDeviation], ['layout', LR.layout]] as const) {
    if (group === 'offsets' && t < ONE_W) continue;
    const chosen = new Map([...grads].filter(([path]) => path === group || path.startsWith(`${group}.`)));
    if (chosen.size === 0) continue;
    const optimizer = adam({ lr: lr * ramp(t), betas: [0.9, 0.999] });
    const before = moments.get(group) ?? optimizer.init(state as unknown as ParamTree, (path) => chosen.has(path));
    const updated = optimizer.update(next, chosen, before);
    disposeAdamState(before);
    moments.set(group, updated.state);
    next = updated.params;
  }
  disposeParams(state as unknown as ParamTree);
  loss.dispose();
  for (const grad of grads.values()) grad.dispose();
  return { state: next as unknown as State, pixels: aux['pixels']!, image: aux['image'] as Tensor4D };
}

async function requestOf(state: State, { start }: Problem): Promise<SynthesisRequest> {
  const ws = wsOf(state);
  const latent: LatentSpec = { kind: 'ws', ws: Float32Array.from(await ws.data()) };
  ws.dispose();
  let layout: HeatmapLayout = start.layout;
  if (state.layout) {
    const read = await Promise.all(start.layout.levels.map(async (_, l) => {
      const level = state.layout![`level${l}`]!;
      const [centers, logScales, shears] = await Promise.all([level.centers.data(), level.logScales.data(), level.shears.data()]);
      return { centers, logScales, shears };
    }));
    layout = layoutOf(read, start.layout);
  }
  return { latent, layout, truncationPsi: 1, noise: 'const', ...(start.label && { label: start.label }) };
}

async function finish(state: State, problem: Problem, photo: Tensor4D): Promise<Projection> {
  const request = await requestOf(state, problem);
  const made = tidy(() => imageOf(wsOf(state), state.layout, problem));
  const image = rgbaImage(await made.data<'float32'>(), made.shape);
  made.dispose();
  return { request, image, psnr: await likenessOf(photo, image) };
}

async function optimize(problem: Problem, photo: Tensor4D): Promise<Projection> {
  const { signal, onProgress, steps = DEFAULT_STEPS, previewEvery = 10, seed = 0 } = problem.options;
  const rng = createRng(seed).split('projection');
  const moments = new Map<string, AdamState>();
  let state: State = mapParams(problem.origin as unknown as ParamTree, (leaf) => leaf.clone()) as unknown as State;
  try {
    for (let step = 0; step < steps; step++) {
      throwIfAborted(signal, 'project');
      const made = await stepOf(state, moments, { problem, t: (step + 0.5) / steps, rng });
      state = made.state;
      const [mse] = await made.pixels.data();
      const preview = step % previewEvery === 0 ? { image: rgbaImage(await made.image.data<'float32'>(), made.image.shape) } : {};
      dispose([made.pixels, made.image]);
      onProgress?.({ step: step + 1, steps, psnr: psnrOf(mse!), ...preview });
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return await finish(state, problem, photo);
  } finally {
    disposeParams(state as unknown as ParamTree);
    for (const moment of moments.values()) disposeAdamState(moment);
  }
}

/** D's features; they come before its label is read, so any label serves. */
const taps = (discriminator: BuiltModel['discriminator'], D: ParamTree): TappedScore => (images, tap) => {
  const { cDim } = discriminator;
  return tappedScore(discriminator, D, cDim > 0 ? zeros([images.shape[0], cDim]) : undefined)(images, tap);
};

/**
 * Finds the w+ and the layout whose image is most like a photo: a coarse search, then gradient steps on both.
 *
 * The loss is the mean squared error of the pixels and of D's features (taps b8, b16, b32, of unit length at each place), with noise on w that
 * fades (StyleGAN2's projector) and a weak pull to the start. Layer noise stays the model's constant one: it is no part of a document, and adding
 * it was measured to gain little (docs/decisions/0112). Conditional models: the start's class is searched with it.
 *
 * @param photo as large as the model's images.
 * @throws SpatialGANError 'SHAPE' for a photo of another size, 'ABORTED' when the signal fires.
 */
export async function projectPhoto(photo: RgbaImage, options: ProjectPhotoOptions): Promise<Projection> {
  const { model, G, D, signal, seed = 0, candidates = 64 } = options;
  registerGradients();
  const target = photoTensor(photo, model.generator.imgResolution, model.generator.imgChannels);
  const likeness = createLikeness(target, {
    targets: model.discriminator.taps.filter((name) => TARGETS.includes(name)), score: D && taps(model.discriminator, D),
  });
  try {
    const start = await findStart(likeness, { model, G, rng: createRng(seed).split('start'), candidates, signal });
    const origin: State = { w: tidy(() => slice(start.ws, [0, 0, 0], [1, 1, -1])), offsets: zerosLike(start.ws), ...(isGaussian(start.layout) && model.generator.heatmapResolutions.length > 0 ? { layout: layoutTensors(start.layout) } : {}) };
    try {
      return await optimize({ options, likeness, start, origin }, target);
    } finally {
      disposeParams(origin as unknown as ParamTree);
      start.ws.dispose();
    }
  } finally {
    likeness.dispose();
    target.dispose();
  }
}
