import { add, neg, relu, reshape, sub, type Tensor1D } from '@tensorflow/tfjs-core';
import type { DiscriminatorLoss, GeneratorLoss, LossPlugin } from '@spatialgan/core';

/** -D(G(z)): the generator's half of the hinge loss (Lim & Ye 2017; SAGAN). */
export function hingeGenerator(): GeneratorLoss<void> {
  return {
    name: 'hinge/G',
    network: 'G',
    weight: 1,
    compute(phase, { report }) {
      const loss = reshape(neg(phase.fakeScore().scores), [-1]) as Tensor1D;
      report('Loss/G/hinge', loss);
      return { loss };
    },
  };
}

/** relu(1 - D(x)) + relu(1 + D(G(z))): D stops pushing where it is sure. */
export function hingeDiscriminator(): DiscriminatorLoss<void> {
  return {
    name: 'hinge/D',
    network: 'D',
    weight: 1,
    compute(phase, { report }) {
      const [real, fake] = [phase.realScore().scores, phase.fakeScore().scores];
      const loss = reshape(add(relu(sub(1, real)), relu(add(1, fake))), [-1]) as Tensor1D;
      report('Loss/D/hinge', loss);
      return { loss };
    },
  };
}

export const hinge = (): readonly LossPlugin[] => [hingeGenerator(), hingeDiscriminator()];
