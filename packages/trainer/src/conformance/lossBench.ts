import { dispose, mean, tidy } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, type LossPlugin, type ParamTree } from '@spatialgan/core';
import { evaluateLosses, type LossEvaluation } from '../evaluateLosses.js';
import { disposeGeneratorInputs, drawGeneratorInputs } from '../generatorInputs.js';
import { createDiscriminatorPhase, createGeneratorPhase, generate } from '../phases.js';
import { type ConformanceNetworks, toyData } from './toyNetworks.js';

/** One loss on one batch. */
export interface LossBench {
  /** Of the loss' network. */
  readonly params: ParamTree;
  /** The caller owns what it gives. */
  evaluate(params: ParamTree, states?: ReadonlyMap<string, unknown>): LossEvaluation & { readonly value: number };
}

const batch = 4;

/** Lends a bench on which a loss can be evaluated any number of times on the same batch. */
export async function withLossBench(loss: LossPlugin, networks: ConformanceNetworks, use: (bench: LossBench) => Promise<void>): Promise<void> {
  const { generator, discriminator } = networks;
  const rng = createRng(11);
  const [G, D] = [generator.init(rng.split('G')), discriminator.init(rng.split('D'))];
  const { images: real } = await toyData(networks).next();
  const inputs = drawGeneratorInputs({ ...networks, styleMixingProb: 0, noiseMode: 'const' }, rng.split('inputs'), undefined, batch);
  const fake = tidy(() => generate(generator, G, inputs).images);
  const own = loss.network === 'G' ? G : D;
  const trainable = (path: string): boolean => !(loss.network === 'G' ? generator.isBuffer(path) : discriminator.isBuffer?.(path));
  const evaluate: LossBench['evaluate'] = (params, states = new Map()) => {
    let value = NaN;
    const evaluation = evaluateLosses({
      losses: [{ ...loss, weight: 1, compute: (phase: never, context: never) => {
        const result = loss.compute(phase, context);
        value = tidy(() => mean(result.loss).dataSync()[0]!);
        return result;
      } } as LossPlugin],
      open: () => ({
        phase: loss.network === 'G'
          ? createGeneratorPhase({ generator, discriminator, G: params, D }, inputs).phase
          : createDiscriminatorPhase({ discriminator, D: params }, { real, fake: () => fake, rng: rng.split('loss') }),
      }),
      params, trainable, states, kimg: 1, gain: 1,
    });
    return { ...evaluation, value };
  };
  try {
    await use({ params: own, evaluate });
  } finally {
    disposeParams([G, D]);
    dispose([real, fake]);
    disposeGeneratorInputs(inputs);
  }
}
