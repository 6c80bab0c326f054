import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';

/** Gradient of one input from the cotangent, the saved tensors and the attributes. */
export type Gradient = (dy: Tensor, saved: readonly Tensor[], attrs: NamedAttrMap) => Tensor;

/** A GradConfig from one lazy function per input. Each must return a fresh tensor: the tape disposes what it accumulates. */
export function gradient(
  kernelName: string,
  inputsToSave: readonly string[],
  inputs: Readonly<Record<string, Gradient>>,
): GradConfig {
  return {
    kernelName,
    inputsToSave: [...inputsToSave],
    gradFunc: (dy, saved, attrs) =>
      Object.fromEntries(Object.entries(inputs).map(([name, grad]) => [name, () => grad(dy as Tensor, saved, attrs)])),
  };
}
