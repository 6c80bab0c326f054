import { type Tensor, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { HeatmapLayout, LatentSpec, SynthesisRequest } from '@spatialgan/schema';
import { regionsOf } from '@spatialgan/schema';
import { type GeneratorPlan, noiseModeOf, noiseStream, planGenerator } from './generatorPlan.js';
import { createKnownCodes } from './knownCodes.js';
import { createMapper } from './mapper.js';
import { labelOf, type Loaded, stackCodes, wsOf } from './requestTensors.js';

/** Makes the images of requests, one after the other, and computes of each what the one before does not share with it. */
export interface Synthesizer {
  /** Sides that {@link synthesize} can give for these requests, ascending; the last is the model's. */
  sides(): readonly number[];
  /**
   * The image of a request, [1,side,side,C] in [-1, 1]; the caller's. A smaller side is cheaper, and the larger one goes on from it.
   *
   * @throws SpatialGANError 'SHAPE' when a latent or label does not fit the model.
   */
  synthesize(request: SynthesisRequest, side?: number): Tensor4D;
  /** How often what an image depends on has changed. */
  edits(): number;
  dispose(): void;
}

/** All that a level's regions put into their heatmaps. */
const painted = (layout: HeatmapLayout, resolution: number): string =>
  JSON.stringify(
    layout.levels.filter(({ resolutions }) => resolutions === 'all' || resolutions.includes(resolution)).map(({ regions }) => regions),
    (key, value: unknown) => (key === 'style' || key === 'id' || key === 'parentId' ? undefined : value),
  );

/** The codes of a request: the global one, and the regions' where the model has them. */
function createCodes(loaded: Loaded) {
  const { model } = loaded;
  const { generator, renderer, config } = model;
  const known = createKnownCodes(64);
  const mapper = createMapper(loaded);
  const network = { ...generator, map: mapper.map };
  return {
    of(request: SynthesisRequest): { readonly ws: Tensor3D; readonly regions: readonly Tensor3D[] } {
      const { layout, latent, label, truncationPsi: psi = 1 } = request;
      // Only an encoder of latents lets the layout into the codes.
      const latentReads = config.encoder?.kind === 'flatten' ? layout : undefined;
      const context = JSON.stringify([psi, label, latentReads?.levels]);
      const map = (of: LatentSpec) => (): Tensor3D => wsOf(network, of, {
        psi, ...labelOf(loaded, request), heatmaps: latentReads ? renderer.render([layout], generator.heatmapResolutions) : new Map(),
      });
      const code = (of: LatentSpec): Tensor3D => known.of(of, context, map(of));
      const ws = code(latent);
      return { ws, regions: generator.regionStyles ? regionsOf(layout).map(({ style }) => (style ? code(style) : ws)) : [] };
    },
    dispose() {
      known.dispose();
      mapper.dispose();
    },
  };
}

/** What a plan was given last. */
interface Given {
  ws: Tensor3D | undefined;
  regions: readonly Tensor3D[];
  readonly heatmaps: Map<number, string>;
  seed: number | undefined;
}

/** A synthesizer of a loaded model on the active backend. It owns what it keeps, not the model. */
export function createSynthesizer(loaded: Loaded): Synthesizer {
  const { generator, renderer } = loaded.model;
  const codes = createCodes(loaded);
  let made: { readonly mode: string; readonly planned: GeneratorPlan | { readonly refused: string }; readonly given: Given } | undefined;

  let edits = 0;
  const forget = (): void => {
    if (made && 'plan' in made.planned) made.planned.plan.dispose();
    made = undefined;
  };
  const inputsOf = ({ layout }: SynthesisRequest, { ws, regions }: ReturnType<typeof codes.of>) => ({
    ws,
    heatmaps: renderer.render([layout], generator.heatmapResolutions),
    ...(generator.regionStyles && { regionWs: stackCodes(regions) }),
  });
  const plain = (request: SynthesisRequest, found: ReturnType<typeof codes.of>): Tensor4D => tidy(() => {
    const { noise = 'const' } = request;
    const { ws, ...context } = inputsOf(request, found);
    return generator.synthesize(loaded.G, ws, { ...context, noiseMode: noiseModeOf(noise), ...(typeof noise === 'string' ? {} : { rng: noiseStream(noise.seed) }) });
  });
  const plannedFor = (request: SynthesisRequest, found: ReturnType<typeof codes.of>) => {
    const { noise = 'const' } = request;
    const mode = noiseModeOf(noise);
    if (made?.mode !== mode) {
      forget();
      tidy(() => {
        const planned = planGenerator(loaded, inputsOf(request, found), noise);
        made = { mode, planned, given: { ws: undefined, regions: [], heatmaps: new Map(), seed: undefined } };
      });
    }
    return made!;
  };
  /** Tells the plan what the request changes. */
  const feed = ({ plan, heatmaps, drawn }: GeneratorPlan, given: Given, { request, ws, regions }: ReturnType<typeof codes.of> & { readonly request: SynthesisRequest }): void => {
    const { layout, noise } = request;
    const before = edits;
    const set = (input: string, tensor: Tensor): void => {
      plan.set(input, tensor);
      edits = before + 1;
    };
    if (given.ws !== ws) set('ws', ws);
    given.ws = ws;
    if (regions.length !== given.regions.length || regions.some((code, i) => code !== given.regions[i])) {
      tidy(() => set('regionWs', stackCodes(regions)));
      given.regions = regions;
    }
    for (const resolution of heatmaps) {
      const shows = painted(layout, resolution);
      if (given.heatmaps.get(resolution) === shows) continue;
      tidy(() => set(`heatmap${resolution}`, renderer.render([layout], [resolution]).get(resolution)!));
      given.heatmaps.set(resolution, shows);
    }
    if (!drawn || typeof noise !== 'object' || noise.seed === given.seed) return;
    drawn.again(noiseStream(noise.seed), set);
    given.seed = noise.seed;
  };
  return {
    sides: () => (made && 'plan' in made.planned ? made.planned.plan.outputs.map(Number) : [generator.imgResolution]),
    synthesize(request, side = generator.imgResolution) {
      const found = codes.of(request);
      const { planned, given } = plannedFor(request, found);
      if ('refused' in planned) {
        edits++;
        return plain(request, found);
      }
      feed(planned, given, { request, ...found });
      return planned.plan.run(`${side}`) as Tensor4D;
    },
    edits: () => edits,
    dispose() {
      forget();
      codes.dispose();
    },
  };
}
