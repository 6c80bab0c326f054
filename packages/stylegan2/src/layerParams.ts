import type { ConvLayerParams, FullyConnectedParams } from '@spatialgan/ops';

// Interfaces lack the index signature that a ParamTree asks for; their mapped twins have it.
type Plain<T> = { readonly [K in keyof T]: T[K] };

/** Parameters of a dense layer, as a ParamTree. */
export type DenseParams = Plain<FullyConnectedParams>;

/** Parameters of a convolution, as a ParamTree. */
export type ConvParams = Plain<ConvLayerParams>;
