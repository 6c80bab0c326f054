import { mean, square, sub, tensor1d } from '@tensorflow/tfjs-core';
import type { GeneratorLoss } from '@spatialgan/core';

/** Keeps the mean colour of generated images near the given one, in [-1, 1] a channel. */
export function meanColor(color: readonly [number, number, number], weight = 1): GeneratorLoss<void> {
  return {
    name: 'meanColor',
    network: 'G',
    weight,
    compute(phase, { report }) {
      const loss = mean(square(sub(mean(phase.fake().images, [1, 2]), tensor1d([...color]))), 1);
      report('Loss/G/meanColor', loss);
      return { loss: loss as ReturnType<typeof tensor1d> };
    },
  };
}
