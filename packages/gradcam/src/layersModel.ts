import { type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { SpatialGANError, type Tap, type TappedScore } from '@spatialgan/core';

/** What is used of tfjs-layers' SymbolicTensor. */
export interface SymbolicTensorLike {
  readonly id: number;
  readonly sourceLayer: LayerLike;
  readonly inputs: readonly SymbolicTensorLike[];
  readonly nodeIndex: number;
  readonly outputTensorIndex?: number;
  /** The batch first; null where any size will do. */
  readonly shape: readonly (number | null)[];
}

/** What is used of tfjs-layers' Layer. */
export interface LayerLike {
  readonly name: string;
  apply(inputs: never, kwargs?: never): unknown;
}

/** What is used of a `tf.LayersModel`, `tf.Sequential` included; tfjs-layers itself is not needed. */
export interface LayersModelLike extends LayerLike {
  readonly inputs: readonly SymbolicTensorLike[];
  readonly outputs: readonly SymbolicTensorLike[];
}

const isModel = (layer: LayerLike): layer is LayersModelLike => 'layers' in layer && 'outputs' in layer;
const list = (value: unknown): readonly Tensor[] => (Array.isArray(value) ? value : [value]) as Tensor[];

/** Runs a model layer by layer, nested models too; every [N,h,w,C] output passes the tap under 'model/layer'. */
function runModel(model: LayersModelLike, inputs: readonly Tensor[], { tap, prefix }: { tap: Tap; prefix: string }): readonly Tensor[] {
  const known = new Map<number, Tensor>(model.inputs.map((symbol, i) => [symbol.id, inputs[i]!]));
  const calls = new Map<LayerLike, Map<number, readonly Tensor[]>>();
  const evaluate = (symbol: SymbolicTensorLike): Tensor => {
    const found = known.get(symbol.id);
    if (found) return found;
    const { sourceLayer: layer, nodeIndex } = symbol;
    const inputs = symbol.inputs.map(evaluate);
    // A layer that is used twice has a node for each use.
    const uses = calls.get(layer) ?? new Map<number, readonly Tensor[]>();
    calls.set(layer, uses);
    const name = `${prefix}${layer.name}${uses.size > 0 ? `:${uses.size}` : ''}`;
    const outputs = uses.get(nodeIndex) ?? runLayer(layer, inputs, { tap, name });
    uses.set(nodeIndex, outputs);
    const value = outputs[symbol.outputTensorIndex ?? 0]!;
    known.set(symbol.id, value);
    return value;
  };
  return model.outputs.map(evaluate);
}

function runLayer(layer: LayerLike, inputs: readonly Tensor[], { tap, name }: { tap: Tap; name: string }): readonly Tensor[] {
  const outputs = isModel(layer)
    ? runModel(layer, inputs, { tap, prefix: `${name}/` })
    : list(layer.apply((inputs.length === 1 ? inputs[0] : inputs) as never));
  return outputs.map((output) => (output.rank === 4 ? tap(name, output as Tensor4D) : output));
}

/**
 * A `tf.LayersModel` as a score whose every layer with [N,h,w,C] output can be looked at, under the layer's name; layers of
 * nested models under 'outer/inner', a layer's second use under 'name:1'. `listTaps` lists them.
 *
 * Runs as in inference (no dropout, moving averages). The score is the model's output as it is: where that ends in a
 * softmax, explain its logarithm (`scoreOf: (p) => log(gather(p, index, 1))`) or a model cut before it.
 *
 * @param output Which output, for a model of several. Default 0.
 * @throws SpatialGANError 'CONFIG' when the model takes more than one input or has no such output.
 */
export function layersModelScore(model: LayersModelLike, { output = 0 }: { readonly output?: number } = {}): TappedScore {
  if (model.inputs.length !== 1 || !model.outputs[output]) {
    throw new SpatialGANError(
      'CONFIG', `layersModelScore: expected a model of one input that has an output ${output}, ` +
      `got ${model.inputs.length} inputs, ${model.outputs.length} outputs; write a TappedScore for others`);
  }
  return (images, tap) => runModel(model, [images], { tap, prefix: '' })[output]!;
}
