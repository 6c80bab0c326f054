import { add, mul, sum, type Tensor, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { collectTaps, flattenParams, noTap, type ParamTree, vjp, withLeaves } from '@spatialgan/core';
import { setupFilter } from '@spatialgan/ops';
import { selNorm } from '@spatialgan/sel';
import {
  broadcastWs, discriminatorBlock, type DiscriminatorBlockParams, type DiscriminatorState, mapping, type MappingParams, mixStyles, resolveMappingConfig,
  type ResolvedMappingConfig, synthesisLayer, type SynthesisLayerParams, toRgb, type ToRgbParams, trackWAvg, truncate,
} from '@spatialgan/stylegan2';
import type { GoldenCase, Runner } from '../goldenCase.js';
import { toNchw, toNhwc } from '../pytorchLayout.js';
import {
  blockOptionsOf, discriminatorOf, generatorOf, gradientOutputs, mappingConfigOf, paramsOf, pyramidOf, readKwargs,
} from '../pytorchNetworks.js';

type Outputs = Record<string, Tensor | number>;

const sameLayout = (x: Tensor): Tensor => x;

/** Value and gradients of `f` in one go: with respect to named inputs and every parameter. */
function differentiate(
  golden: GoldenCase,
  f: () => Tensor,
  wanted: { readonly params?: ParamTree; readonly inputs: Readonly<Record<string, Tensor | undefined>>; readonly dy?: Tensor },
): { readonly value: Tensor; readonly byInput: Record<string, Tensor>; readonly gradients: Outputs } {
  const leaves = wanted.params ? [...flattenParams(wanted.params)] : [];
  const inputs = Object.entries(wanted.inputs).flatMap(([name, x]) => (x ? [[name, x] as const] : []));
  const { value, grads } = vjp(f, [...inputs.map(([, x]) => x), ...leaves.map(([, leaf]) => leaf)], wanted.dy);
  const byPath = new Map(leaves.map(([path], i) => [path, grads[inputs.length + i]!]));
  return {
    value,
    byInput: Object.fromEntries(inputs.map(([name], i) => [name, grads[i]!])),
    gradients: gradientOutputs(byPath, Object.keys(golden.outputs)),
  };
}

/** Renames gradients to `prefix + name` and brings them to PyTorch's layout. */
const prefixed = (prefix: string, byInput: Readonly<Record<string, Tensor>>, layout: (x: Tensor) => Tensor = sameLayout): Outputs =>
  Object.fromEntries(Object.entries(byInput).map(([name, g]) => [`${prefix}${name}`, g.rank === 4 ? layout(g) : g]));

interface MappingCase {
  readonly config: ResolvedMappingConfig;
  readonly numWs: number | null;
}
function mappingCase(ctor: any): MappingCase {
  const { z_dim, c_dim, w_dim, num_ws, ...rest } = ctor;
  const dims = { zDim: z_dim, cDim: c_dim, wDim: w_dim, wAvgBeta: 0.995 };
  return { config: resolveMappingConfig(dims, mappingConfigOf(rest)), numWs: num_ws ?? null };
}

/** The tracked mean as a training pass leaves it; `params` unchanged when nothing is tracked. */
function tracked(params: MappingParams, w: Tensor2D, { config, numWs }: MappingCase): MappingParams {
  if (!params.wAvg || config.wAvgBeta === null || numWs === null) return params;
  return { ...params, wAvg: trackWAvg(params.wAvg, broadcastWs(w, numWs), config.wAvgBeta) };
}

function mappingOutput(params: MappingParams, w: Tensor2D, options: { readonly numWs: number | null; readonly kwargs: any }): Tensor {
  const { truncation_psi: truncationPsi = 1, truncation_cutoff } = options.kwargs;
  const truncationCutoff = truncation_cutoff ?? undefined;
  if (options.numWs !== null) return broadcastWs(w, options.numWs, { wAvg: params.wAvg, truncationPsi, truncationCutoff });
  return truncationPsi === 1 ? w : truncate(w, params.wAvg!, truncationPsi);
}

const runMapping: Runner = (golden) => {
  const { args, inputs } = golden;
  const setting = mappingCase(args.ctor);
  const params = paramsOf<MappingParams>(golden.weights);
  const { z, c } = inputs as { z?: Tensor2D; c?: Tensor2D };
  const compute = (): Tensor2D => mapping(params, { ...(z && { z }), ...(c && { c }) }, setting.config);
  const used = args.train ? tracked(params, compute(), setting) : params;
  const f = (): Tensor => mappingOutput(used, compute(), { numWs: setting.numWs, kwargs: args.kwargs ?? {} });
  const { value, byInput, gradients } = differentiate(golden, f, { params, inputs: { z, c }, dy: inputs['dws']! });
  return { ws: value, ...prefixed('d', byInput), ...gradients, ...(used.wAvg && { w_avg_after: used.wAvg }) };
};

const runStyleMixing: Runner = (golden) => {
  const { args, inputs } = golden;
  const setting = mappingCase(args.ctor);
  const params = paramsOf<MappingParams>(golden.weights);
  const code = (z: string): Tensor2D => mapping(params, { z: inputs[z] as Tensor2D }, setting.config);
  const [first, second] = ['z', 'z2'].map((z) => broadcastWs(code(z), setting.numWs!));
  return { ws: mixStyles(first!, second!, args.cutoff), w_avg_after: tracked(params, code('z'), setting).wAvg! };
};

const runSynthesisLayer: Runner = (golden) => {
  const { args, inputs } = golden;
  const { use_sel, in_channels: channels, resolution, kernel_size: _k, out_channels: _o, w_dim: _w, use_noise: _n, ...ctor } = args.ctor;
  const options = readKwargs('layer', ctor, { up: 'up', activation: 'activation', resample_filter: 'fir', conv_clamp: 'convClamp', channels_last: null });
  const call = readKwargs('layer call', args.kwargs ?? {}, { noise_mode: 'noiseMode', gain: 'gain', fused_modconv: null });
  const isRgb = args.cls === 'ToRGBLayer';
  const params = paramsOf<SynthesisLayerParams & ToRgbParams>(golden.weights);
  const [x, hm, dy] = ['x', 'hm', 'dy'].map((name) => inputs[name] && toNhwc(inputs[name]));
  const w = inputs['w'] as Tensor2D;
  const site = { path: 'layer', resolution, layer: isRgb ? 'torgb' : options['up'] === 2 ? 'conv0' : 'conv1', channels, heatmapChannels: 1 } as const;
  const encoder = selNorm({ preset: 'reference' });
  const encoding = use_sel && hm ? { features: (f: Tensor4D) => encoder.encodeFeatures!(params.sel as any, f, hm, site) } : undefined;
  const { fir, ...rest } = options;
  const common = { w, encoding, resampleFilter: setupFilter(fir ?? [1, 3, 3, 1]), ...rest, ...call };
  const f = (): Tensor => (isRgb ? toRgb(params, x!, common) : synthesisLayer(params, x!, common));
  const wanted = { params, inputs: { x, w, hm: encoding && hm }, dy: dy! };
  const { value, byInput, gradients } = differentiate(golden, f, wanted);
  return { y: toNchw(value), ...prefixed('d', byInput, toNchw), ...gradients };
};

const runDiscriminatorBlock: Runner = (golden) => {
  const { args, inputs } = golden;
  const { in_channels: _i, tmp_channels: _t, out_channels: _o, resolution: _r, img_channels: _c, first_layer_idx: _f, freeze_layers: _z, ...kwargs } = args.ctor;
  const { resampleFilter = [1, 3, 3, 1], ...rest } = blockOptionsOf(kwargs);
  const params = paramsOf<DiscriminatorBlockParams>(golden.weights);
  const [x, img, dy, dimg] = ['x', 'img', 'dy', 'dimg'].map((name) => inputs[name] && toNhwc(inputs[name]));
  const options = { architecture: 'resnet', resampleFilter: setupFilter(resampleFilter), ...rest } as const;
  const block = (): DiscriminatorState => discriminatorBlock(params, { ...(x && { x }), ...(img && { img }) }, options);
  const f = (): Tensor => {
    const out = block();
    const total = sum(mul(out.x!, dy!));
    return dimg && out.img ? add(total, sum(mul(out.img, dimg))) : total;
  };
  const { byInput, gradients } = differentiate(golden, f, { params, inputs: { x, img } });
  const out = block();
  return { y: toNchw(out.x!), ...(out.img && { img: toNchw(out.img) }), ...prefixed('d_in_', byInput, toNchw), ...gradients };
};

const runGenerator: Runner = (golden) => {
  const { args, inputs } = golden;
  const { model, params } = generatorOf(args, golden.weights);
  const { truncation_psi: truncationPsi, truncation_cutoff, ...call } = args.kwargs ?? {};
  const { noiseMode } = readKwargs('generator call', call, { noise_mode: 'noiseMode', fused_modconv: null, force_fp32: null });
  const { z, c } = inputs as { z: Tensor2D; c?: Tensor2D };
  const context = { ...(c && { c }) };
  // Training mode updates the mean code before the truncation uses it.
  const buffers = args.train ? model.updateBuffers!(params, model.map(params, z, context)) : new Map<string, Tensor>();
  const used = withLeaves(params, buffers);
  const truncation = { ...(truncationPsi !== undefined && { truncationPsi }), ...(truncation_cutoff != null && { truncationCutoff: truncation_cutoff }) };
  const ws = model.map(used, z, { ...context, ...truncation });
  const heatmaps = pyramidOf(inputs);
  const synthesize = (): Tensor => model.synthesize(used, ws, { heatmaps, noiseMode });
  const dy = inputs['dimg'] && toNhwc(inputs['dimg']);
  const image = differentiate(golden, synthesize, { params: { synthesis: used.synthesis }, inputs: { ws }, ...(dy && { dy }) });
  const codes = differentiate(golden, () => model.map(used, z, { ...context, ...truncation }), {
    params: { mapping: used.mapping }, inputs: { z, c }, dy: image.byInput['ws']!,
  });
  const wAvg = buffers.get('mapping.wAvg');
  return {
    img: toNchw(image.value), ws, num_ws: model.numWs, dws: image.byInput['ws']!, ...prefixed('d', codes.byInput), ...image.gradients, ...codes.gradients,
    ...(wAvg && { w_avg_after: wAvg }),
  };
};

const runDiscriminator: Runner = (golden) => {
  const { inputs } = golden;
  const { model, params } = discriminatorOf(golden.args, golden.weights);
  const img = toNhwc(inputs['img']!);
  const { c } = inputs as { c?: Tensor2D };
  const context = c && { c };
  const { byInput, gradients } = differentiate(golden, () => model.score(params, img, noTap, context), {
    params, inputs: { img, c }, ...(inputs['dlogits'] && { dy: inputs['dlogits'] }),
  });
  const { tap, features } = collectTaps();
  const logits = model.score(params, img, tap, context);
  const maps = Object.fromEntries(Object.entries(features).map(([name, map]) => [`feat_${name}`, toNchw(map)]));
  return { logits, ...prefixed('d', byInput, toNchw), ...maps, ...gradients };
};

/** Runners of the networks and their layers. */
export const runners: Readonly<Record<string, Runner>> = {
  mapping: runMapping,
  style_mixing: runStyleMixing,
  synthesis_layer: runSynthesisLayer,
  disc_block: runDiscriminatorBlock,
  generator: runGenerator,
  discriminator: runDiscriminator,
};
