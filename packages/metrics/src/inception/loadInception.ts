import { dispose, tidy, type Tensor1D, type Tensor2D, type Tensor4D, tensor1d, tensor2d, tensor4d } from '@tensorflow/tfjs-core';
import { type ParamData, SpatialGANError } from '@spatialgan/core';
import { inceptionConvolutions } from './architecture.js';

/** A convolution with its normalization folded in. */
export interface FoldedConv {
  /** [h,w,in,out]. */
  readonly filter: Tensor4D;
  readonly bias: Tensor1D;
}

/** The network's weights; whoever loaded them disposes them. */
export interface InceptionWeights {
  readonly convolutions: ReadonlyMap<string, FoldedConv>;
  /** [2048, classes]; null when the file has no classifier. */
  readonly classifier: Tensor2D | null;
}

/** Tensors by PyTorch's names, as `readSafetensors` and `loadFloats` of `@spatialgan/checkpoint` give them. */
export type StateDict = ReadonlyMap<string, ParamData>;

const epsilon = 0.001;

function take(state: StateDict, name: string, shape: readonly number[]): Float32Array {
  const found = state.get(name);
  if (found && found.shape.join() === shape.join()) return found.data;
  throw new SpatialGANError(
    'CHECKPOINT',
    `loadInception: expected ${name} of shape [${shape}], got ${found ? `[${found.shape}]` : 'none'}; give the state dict of the 2015-12-05 network`,
  );
}

/** Filter · γ/√(σ² + ε) and β - μ γ/√(σ² + ε), in float64 until stored. */
function fold(state: StateDict, name: string, shape: readonly [number, number, number, number]): FoldedConv {
  const [O, I, h, w] = shape;
  const weight = take(state, `${name}.conv.weight`, shape);
  const of = (part: string): Float32Array => take(state, `${name}.bn.${part}`, [O]);
  const gamma = state.has(`${name}.bn.weight`) ? of('weight') : new Float32Array(O).fill(1); // the original graph has none
  const [beta, mean, variance] = [of('bias'), of('running_mean'), of('running_var')];
  const scale = Float64Array.from(gamma, (g, o) => g / Math.sqrt(variance[o]! + epsilon));
  const filter = new Float32Array(weight.length);
  for (let o = 0; o < O; o++) {
    for (let i = 0; i < I; i++) {
      for (let k = 0; k < h * w; k++) filter[(k * I + i) * O + o] = weight[(o * I + i) * h * w + k]! * scale[o]!;
    }
  }
  return { filter: tensor4d(filter, [h, w, I, O]), bias: tensor1d(Float32Array.from(beta, (b, o) => b - mean[o]! * scale[o]!)) };
}

function classifierOf(state: StateDict): Tensor2D | null {
  const weight = state.get('fc.weight');
  if (!weight) return null;
  const classes = weight.shape[0]!;
  const data = take(state, 'fc.weight', [classes, 2048]);
  const transposed = new Float32Array(data.length);
  for (let c = 0; c < classes; c++) for (let k = 0; k < 2048; k++) transposed[k * classes + c] = data[c * 2048 + k]!;
  return tensor2d(transposed, [2048, classes]);
}

/**
 * Takes the weights of a PyTorch state dict; names it does not know are ignored.
 *
 * @throws SpatialGANError 'CHECKPOINT' when a tensor is missing or has another shape.
 */
export function loadInception(state: StateDict): InceptionWeights {
  for (const { name, shape } of inceptionConvolutions()) {
    take(state, `${name}.conv.weight`, shape);
    for (const part of ['bias', 'running_mean', 'running_var']) take(state, `${name}.bn.${part}`, [shape[0]]);
  }
  const loaded: { weights?: InceptionWeights } = {};
  tidy(() => {
    const folded = inceptionConvolutions().map(({ name, shape }) => [name, fold(state, name, shape)] as const);
    const classifier = classifierOf(state);
    loaded.weights = { convolutions: new Map(folded), classifier };
    return [...folded.flatMap(([, { filter, bias }]) => [filter, bias]), ...(classifier ? [classifier] : [])];
  });
  return loaded.weights!;
}

/** Gives the weights back. */
export function disposeInception({ convolutions, classifier }: InceptionWeights): void {
  for (const { filter, bias } of convolutions.values()) dispose([filter, bias]);
  classifier?.dispose();
}
