import { add, neg, reshape, sign, softplus, type Tensor1D } from '@tensorflow/tfjs-core';
import type { DiscriminatorLoss, GeneratorLoss, LossPlugin } from '@spatialgan/core';

/** Mean of softplus(-D(G(z))): G makes D believe. */
export function nonSaturatingGenerator(): GeneratorLoss<void> {
  return {
    name: 'nonSaturating/G',
    network: 'G',
    weight: 1,
    compute(phase, { report }) {
      const scores = phase.fakeScore().scores;
      const loss = reshape(softplus(neg(scores)), [-1]) as Tensor1D;
      report('Loss/scores/fake', scores);
      report('Loss/signs/fake', sign(scores));
      report('Loss/G/adversarial', loss);
      return { loss };
    },
  };
}

/** Mean of softplus(D(G(z))) + softplus(-D(x)); two passes, so that the minibatch deviation sees either kind alone. */
export function nonSaturatingDiscriminator(): DiscriminatorLoss<void> {
  return {
    name: 'nonSaturating/D',
    network: 'D',
    weight: 1,
    compute(phase, { report }) {
      const fake = phase.fakeScore().scores;
      const real = phase.realScore().scores;
      const loss = reshape(add(softplus(fake), softplus(neg(real))), [-1]) as Tensor1D;
      report('Loss/scores/real', real);
      report('Loss/signs/real', sign(real));
      report('Loss/D/adversarial', loss);
      return { loss };
    },
  };
}

/** The non-saturating logistic losses of both networks (§6). */
export function nonSaturating(): readonly LossPlugin[] {
  return [nonSaturatingGenerator(), nonSaturatingDiscriminator()];
}
