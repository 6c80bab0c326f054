import { add, expandDims, reshape, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, transpose } from '@tensorflow/tfjs-core';
import { type ParamTree, type SpatialEncoder, unflattenParams, vjp } from '@spatialgan/core';
import { biasAct, fullyConnected, modulatedConv2d } from '@spatialgan/ops';
import { selConcat, selIndoor, selNorm } from '@spatialgan/sel';
import type { GoldenCase, Runner, StoredArray } from '../goldenCase.js';
import { tensorOf, toHwio, toNchw, toNhwc, toOihw } from '../pytorchLayout.js';

const site = { path: '', resolution: 4, layer: 'conv1', channels: 0, heatmapChannels: 0 } as const;

/** Renames the modules that PyTorch's Sequential numbers. */
const ourName = (name: string): string => name.replace(/^(shared|output)\.[01]\./, '$1.');

/** Convolution parameters of a case by PyTorch's name, in our layout. */
function convParams(weights: GoldenCase['weights']): Map<string, Tensor> {
  const used = Object.entries(weights).filter(([name]) => /weight$|bias$/.test(name));
  return new Map(used.map(([name, w]: [string, StoredArray]) => [name, w.shape.length === 4 ? toHwio(tensorOf(w)) : tensorOf(w)]));
}

/** Runs an encoder's `encodeFeatures` on a case {x, hm, dy} and differentiates it by everything. */
function runFeatures(encoder: SpatialEncoder<any, any>, { inputs, weights }: GoldenCase): Record<string, Tensor> {
  const [x, hm, dy] = [inputs['x']!, inputs['hm']!, inputs['dy']!].map(toNhwc) as [Tensor4D, Tensor4D, Tensor4D];
  const named = convParams(weights);
  const params = unflattenParams(new Map([...named].map(([name, w]) => [ourName(name), w]))) as ParamTree;
  const leaves = [...named.values()];
  const { value, grads } = vjp(() => encoder.encodeFeatures!(params, x, hm, site), [x, hm, ...leaves], dy);
  const [dx, dhm, ...rest] = grads as [Tensor4D, Tensor4D, ...Tensor[]];
  const byName = [...named.keys()].map((name, i) => [`grad.${name}`, rest[i]!.rank === 4 ? toOihw(rest[i]!) : rest[i]!] as const);
  return { y: toNchw(value), dx: toNchw(dx), dhm: toNchw(dhm), ...Object.fromEntries(byName) };
}

const residuals = { none: 'none', plain: 'plain', official: 'conv' } as const;

const eq2: Runner = (golden) => {
  const residual = residuals[golden.args.residual as keyof typeof residuals];
  const encoder = selNorm({ scale: golden.args.plus_one ? 'onePlus' : 'literal', residual });
  return runFeatures(encoder, golden);
};

const indoor = selIndoor();
const mapOf = (regions: Tensor, background: Tensor, sub: Tensor4D): Tensor4D => {
  const styles = { regions: regions as Tensor3D, background: background as Tensor2D };
  return indoor.encodeStyles!({}, styles, sub, site, [sub.shape[1], sub.shape[2]]);
};

const styleMap: Runner = ({ inputs }) => {
  const [styles, bg, sub] = [inputs['styles']!, inputs['s_bg']!, toNhwc(inputs['sub']!)];
  const { value, grads } = vjp(() => mapOf(styles, bg, sub), [styles, bg, sub], toNhwc(inputs['dmap']!));
  return { style_map: toNchw(value), dstyles: grads[0]!, ds_bg: grads[1]!, dsub: toNchw(grads[2]!) };
};

const modconv: Runner = ({ inputs, args }) => {
  const { demodulate, padding, up, down, flip_weight: flipWeight } = args.kwargs;
  const [x, sub, weight] = [toNhwc(inputs['x']!), toNhwc(inputs['sub']!), toHwio(inputs['weight']!)];
  const [styles, bg, f, noise] = [inputs['styles']!, inputs['s_bg']!, inputs['f'], inputs['noise']];
  const options = {
    demodulate, padding, flipWeight: flipWeight ?? true,
    ...(up ? { up } : {}), ...(down ? { down } : {}), ...(f ? { resampleFilter: f as Tensor2D } : {}),
  };
  const forward = (): Tensor4D => {
    const y = modulatedConv2d(x, weight, mapOf(styles, bg, sub), options);
    return noise ? (add(y, expandDims(noise, -1)) as Tensor4D) : y;
  };
  const { value, grads } = vjp(forward, [x, weight, styles, bg, sub], toNhwc(inputs['dy']!));
  const [dx, dw, dstyles, dbg, dsub] = grads as [Tensor, Tensor, Tensor, Tensor, Tensor];
  return {
    y: toNchw(value), style_map: toNchw(mapOf(styles, bg, sub)), dx: toNchw(dx), dweight: toOihw(dw), dstyles,
    ds_bg: dbg, dsub: toNchw(dsub),
  };
};

const indoorLayer: Runner = ({ inputs, weights }) => {
  const [x, sub] = [toNhwc(inputs['x']!), toNhwc(inputs['sub']!)];
  const [objects, background, noise] = [inputs['w_obj'] as Tensor3D, inputs['w_bg'] as Tensor2D, inputs['noise'] as Tensor2D];
  const affine = { weight: transpose(tensorOf<Tensor2D>(weights['affine.weight']!)) as Tensor2D, bias: tensorOf<Tensor1D>(weights['affine.bias']!) };
  const [weight, bias] = [toHwio(tensorOf(weights['weight']!)), tensorOf<Tensor1D>(weights['bias']!)];
  const [N, K, wDim] = objects.shape;
  const stylesOf = (): Tensor4D => {
    const regions = reshape(fullyConnected(reshape(objects, [N * K, wDim]), affine), [N, K, x.shape[3]]);
    return mapOf(regions, fullyConnected(background, affine), sub);
  };
  const forward = (): Tensor4D => {
    const y = modulatedConv2d(x, weight, stylesOf(), { padding: Math.floor(weight.shape[0] / 2) });
    return biasAct(add(y, expandDims(noise, -1)) as Tensor4D, bias, { act: 'lrelu' });
  };
  const leaves = [x, objects, background, sub, affine.weight, affine.bias, weight, bias];
  const { value, grads } = vjp(forward, leaves, toNhwc(inputs['dy']!));
  return {
    y: toNchw(value), style_map: toNchw(stylesOf()), dx: toNchw(grads[0]!), dw_obj: grads[1]!, dw_bg: grads[2]!, dsub: toNchw(grads[3]!),
    'grad.affine.weight': transpose(grads[4]!), 'grad.affine.bias': grads[5]!, 'grad.weight': toOihw(grads[6]!), 'grad.bias': grads[7]!,
  };
};

export const runners: Readonly<Record<string, Runner>> = {
  sel: (golden) => runFeatures(selNorm({ preset: 'reference' }), golden),
  'paper.eq2_sel_norm': eq2,
  'paper.sel_concat': (golden) => runFeatures(selConcat(), golden),
  'paper.eq4_style_map': styleMap,
  'paper.eq4_modconv': modconv,
  'paper.indoor_layer': indoorLayer,
};
