import { add, mul, sub, type Tensor, tensor, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, tidy, zeros } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, type HeatmapPyramid, type ParamTree, type SynthesisContext } from '@spatialgan/core';
import { exportOnnx, type OnnxExport } from '@spatialgan/onnx';
import { type BuiltModel, buildModel } from '../buildModel.js';
import { loadParams } from '../loadParams.js';
import type { StoredModel } from '../modelFile.js';
import { REGION_FIELDS, regionMaps, regionNumbers } from './regionMaps.js';

/** Options of {@link exportGenerator}. */
export interface ExportGeneratorOptions {
  /** `whole` (default): z to image; `mapping`: z to w; `synthesis`: w to image. */
  readonly part?: 'whole' | 'mapping' | 'synthesis';
  /** What says where things are: `regions` (default), rendered inside the graph, or the `heatmaps` themselves. */
  readonly layout?: 'regions' | 'heatmaps';
}

type Inputs = Readonly<Record<string, Tensor>>;

interface Parts {
  readonly model: BuiltModel;
  readonly G: ParamTree;
  readonly layout: ExportGeneratorOptions['layout'];
}

/** w̄ of the mapping network. */
const averageOf = (G: ParamTree): Tensor1D => (G as { mapping: { wAvg: Tensor1D } }).mapping.wAvg;

/** The names of the heatmap inputs: maps that several resolutions share are one, named after the smallest. */
function heatmapInputs(pyramid: HeatmapPyramid): ReadonlyMap<number, string> {
  const names = new Map<Tensor4D, string>();
  return new Map([...pyramid].sort(([a], [b]) => a - b).map(([resolution, map]) => {
    const name = names.get(map) ?? `heatmap_${resolution}`;
    names.set(map, name);
    return [resolution, name];
  }));
}

/** Example inputs for the place of things, and how a pyramid is made of them. */
function placement({ model, layout }: Parts): { readonly examples: Inputs; readonly pyramidOf: (inputs: Inputs) => HeatmapPyramid } {
  const example = model.sampler.sample(createRng(0));
  const { heatmapResolutions: resolutions, imgResolution } = model.generator;
  if (model.heatmapChannels.size === 0) return { examples: {}, pyramidOf: () => new Map() };
  if (layout === 'regions') {
    const numbers = regionNumbers(example);
    return {
      examples: { regions: tensor(numbers, [1, numbers.length / REGION_FIELDS, REGION_FIELDS]) },
      pyramidOf: ({ regions }) =>
        regionMaps(regions as Tensor3D, { layout: example, renderer: { ...model.config.renderer, imgResolution }, resolutions }),
    };
  }
  const pyramid = model.renderer.render([example], resolutions);
  const names = heatmapInputs(pyramid);
  const examples = Object.fromEntries([...names].map(([resolution, name]) => [name, pyramid.get(resolution)!]));
  return {
    examples,
    pyramidOf: (inputs) => new Map([...names].map(([resolution, name]) => [resolution, inputs[name] as Tensor4D])),
  };
}

/** z (and c) to w, drawn to w̄ by ψ: w̄ + ψ (w − w̄). */
function mapped({ model, G }: Parts, inputs: Inputs, heatmaps: HeatmapPyramid): Tensor3D {
  const { z, c, psi } = inputs as { z: Tensor2D; c?: Tensor2D; psi: Tensor1D };
  const ws = model.generator.map(G, z, { truncationPsi: 1, heatmaps, ...(c ? { c } : {}) });
  const average = averageOf(G);
  return add(average, mul(psi, sub(ws, average)));
}

/** The latent inputs of a part, all zeros. */
function latentExamples({ model: { generator } }: Parts, part: ExportGeneratorOptions['part']): Record<string, Tensor> {
  const { zDim, wDim, cDim, numWs } = generator;
  if (part === 'synthesis') return { ws: zeros([1, numWs, wDim]) };
  return { z: createRng(1).normalTensor([1, zDim]), psi: tensor([0.7]), ...(cDim > 0 ? { c: zeros([1, cDim]) } : {}) };
}

/**
 * Writes a stored generator as ONNX (opset 17, batch 1, float32, NHWC images in [-1, 1]), by tracing it.
 *
 * Inputs of `whole`: `z` [1,zDim], `psi` [1], `c` [1,cDim] where the model is conditional, and `regions` [1,R,6] (x, y, σxx, σxy,
 * σyy, weight; see `regionNumbers`) or `heatmap_r` [1,r,r,K]; output `image`. `mapping` gives `ws` [1,L,wDim], which
 * `synthesis` takes. Models whose regions carry styles of their own take `region_ws` [1,K,L,wDim]. Noise is the
 * constant one. Needs the cpu or wasm backend to be active.
 *
 * @throws SpatialGANError 'CHECKPOINT' when the weights do not fit; 'LAYOUT' when `regions` are no Gaussians.
 */
export function exportGenerator(stored: StoredModel, { part = 'whole', layout = 'regions' }: ExportGeneratorOptions = {}): Uint8Array {
  const model = buildModel(stored.config);
  const G = loadParams((rng) => model.generator.init(rng), stored.G, 'G');
  let bytes: Uint8Array = new Uint8Array();
  try {
    tidy(() => {
      bytes = exportOnnx({ ...tracedPart({ model, G, layout }, part), name: stored.config.name, metadata: metadataOf(stored) });
    });
  } finally {
    disposeParams(G);
  }
  return bytes;
}

/** A part as a function of example inputs; inside a tidy. */
function tracedPart(parts: Parts, part: ExportGeneratorOptions['part']): Pick<OnnxExport, 'run' | 'inputs'> {
  const { model, G } = parts;
  const { generator } = model;
  const steered = part !== 'mapping' || usesHeatmapsInMapping(model);
  const { examples, pyramidOf } = placement(parts);
  const regionCount = model.sampler.sample(createRng(0)).levels.reduce((n, { regions }) => n + regions.length, 0);
  const styled = generator.regionStyles && part !== 'mapping';
  const inputs: Inputs = {
    ...latentExamples(parts, part),
    ...(steered ? examples : {}),
    ...(styled ? { region_ws: zeros([1, regionCount, generator.numWs, generator.wDim]) } : {}),
  };
  const run = (given: Inputs): Inputs => {
    const heatmaps = steered ? pyramidOf(given) : new Map<number, Tensor4D>();
    const ws = part === 'synthesis' ? (given['ws'] as Tensor3D) : mapped(parts, given, heatmaps);
    if (part === 'mapping') return { ws };
    const context: SynthesisContext = { heatmaps, noiseMode: 'const', ...(styled ? { regionWs: given['region_ws'] as Tensor4D } : {}) };
    return { image: generator.synthesize(G, ws, context) };
  };
  return { run, inputs };
}

/** Only selFlatten feeds heatmaps to the mapping network. */
const usesHeatmapsInMapping = ({ config }: BuiltModel): boolean => config.encoder?.kind === 'flatten';

const metadataOf = ({ config, provenance }: StoredModel): Record<string, string> => ({
  config: JSON.stringify(config), ...(provenance ? { provenance: JSON.stringify(provenance) } : {}),
});
