import { getGradient, type GradConfig, registerGradient, unregisterGradient } from '@tensorflow/tfjs-core';
import { elementwiseGradients } from './gradients/elementwise.js';
import { normalizationGradients } from './gradients/normalization.js';
import { reductionGradients } from './gradients/reductions.js';
import { structuralGradients } from './gradients/structural.js';
import { windowGradients } from './gradients/windows.js';

// Marked as pure, here and in the lists: a bundle that registers none has none of them in it.
const all: readonly GradConfig[] = /* @__PURE__ */ (() => [
  ...elementwiseGradients, ...reductionGradients, ...structuralGradients, ...windowGradients, ...normalizationGradients,
])();

/**
 * Registers gradients that are right to any order for the tfjs kernels that networks use.
 *
 * `@tensorflow/tfjs-core` alone registers none; those of the `@tensorflow/tfjs` union are replaced, because several
 * (exp, sigmoid, tanh, softmax, elu: silently; leakyRelu, maximum, clipByValue, max …: by throwing) fail at the second
 * order. Call it once before taking gradients, again after importing the union; it is idempotent and does nothing on
 * import. Not repairable this way, because tfjs hides them in closures: `logSoftmax` and `logSigmoid`.
 */
export function registerGradients(): void {
  for (const config of all) {
    if (getGradient(config.kernelName) === config) continue;
    if (getGradient(config.kernelName)) unregisterGradient(config.kernelName);
    registerGradient(config);
  }
}
