import { add, mul, stack, tensor2d, tensor3d, type Tensor2D, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { createRng, type HeatmapPyramid, type ParamTree, SpatialGANError } from '@spatialgan/core';
import { classLabel, type LatentSpec, type SynthesisRequest } from '@spatialgan/schema';
import type { BuiltModel } from './buildModel.js';

/** A model with its weights on the device. */
export interface Loaded {
  readonly model: BuiltModel;
  readonly G: ParamTree;
  readonly D?: ParamTree;
}

/** A request's label as [1,cDim]; the first class where it has none. */
export function labelOf({ model }: Loaded, { label }: Pick<SynthesisRequest, 'label'>): { readonly c?: Tensor2D } {
  const { cDim } = model.generator;
  if (cDim === 0) return {};
  const values = label ?? classLabel(cDim, 0);
  if (values.length !== cDim) throw new SpatialGANError('SHAPE', `label: expected ${cDim} numbers, got ${values.length}`);
  return { c: tensor2d([...values], [1, cDim]) };
}

/** What the mapping network reads beside the latent. */
export interface Mapped {
  readonly psi: number;
  readonly heatmaps: HeatmapPyramid;
  readonly c?: Tensor2D;
}

/** The mapping network and its sizes. */
export interface CodeNetwork {
  readonly zDim: number;
  readonly numWs: number;
  readonly wDim: number;
  map(z: Tensor2D, context: Mapped): Tensor3D;
}

/** w of a latent, [1,L,wDim]; a `ws` is taken as it is. Inside a tidy. */
export function wsOf(network: CodeNetwork, latent: LatentSpec, context: Mapped): Tensor3D {
  const { zDim, numWs, wDim } = network;
  if (latent.kind === 'mix') {
    const { amount } = latent;
    if (!Number.isFinite(amount)) throw new SpatialGANError('SHAPE', `latent: expected the amount of a mix to be finite, got ${amount}`);
    const [from, to] = [latent.from, latent.to].map((end) => wsOf(network, end, context));
    return add(mul(from!, 1 - amount), mul(to!, amount));
  }
  if (latent.kind === 'ws') {
    if (latent.ws.length !== numWs * wDim) {
      throw new SpatialGANError('SHAPE', `latent: expected ws of ${numWs}×${wDim} numbers, got ${latent.ws.length}`);
    }
    return tensor3d(latent.ws, [1, numWs, wDim]);
  }
  if (latent.kind === 'z' && latent.z.length !== zDim) {
    throw new SpatialGANError('SHAPE', `latent: expected z of ${zDim} numbers, got ${latent.z.length}`);
  }
  const z =
    latent.kind === 'z'
      ? tensor2d(latent.z, [1, zDim])
      : createRng(latent.seed).split('z').normalTensor<Tensor2D>([1, zDim]);
  return network.map(z, context);
}

/** The regions' codes, [1,K,L,wDim], of one code a region. */
export const stackCodes = (codes: readonly Tensor3D[]): Tensor4D => stack([...codes], 1) as Tensor4D;
