import { dispose, type Tensor, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng, type LossPlugin } from '@spatialgan/core';
import {
  adam, createPhasePasses, createStatCollector, disposeGeneratorInputs, disposeTrainerState, drawGeneratorInputs, initTrainerState, trainStep,
  type TrainingSetup,
} from '@spatialgan/trainer';
import { assemble, type BenchConfiguration } from './configurations.js';

/** The timed pieces of a configuration, each waiting until the backend is done. */
export interface TrainingSteps {
  readonly pieces: Readonly<Record<'Gmain' | 'Dmain' | 'Dreg' | 'image1' | 'image16', () => Promise<void>>>;
  dispose(): void;
}

const settle = async (tensor: Tensor): Promise<void> => {
  await tensor.data();
};

/**
 * Builds networks, optimizers and a constant batch for a configuration.
 *
 * @param recordPasses whether phases run as a trainer runs them, by recorded passes, which their third round does first. Without,
 *   through tfjs's engine, where a profile sees the kernels. Default true.
 */
export function createTrainingSteps(configuration: BenchConfiguration, { recordPasses = true }: { readonly recordPasses?: boolean } = {}): TrainingSteps {
  const { run } = configuration;
  const { model, losses } = assemble(configuration);
  const { generator, discriminator, sampler, renderer } = model;
  const optimizers = { G: adam({ lr: run.training.lrG }), D: adam({ lr: run.training.lrD, lazyInterval: run.training.r1.interval }) };
  const setup: TrainingSetup = {
    generator, discriminator, sampler, renderer, losses, optimizers, ema: run.training.ema,
    styleMixingProb: run.training.styleMixingProb, noiseMode: run.training.noiseMode,
  };
  const rng = createRng(1);
  const state = initTrainerState(setup, rng);
  const { batch } = run.training;
  const side = generator.imgResolution;
  const images = rng.split('images').uniformTensor<Tensor4D>([batch, side, side, 3]);
  const stats = createStatCollector();
  const passes = recordPasses ? createPhasePasses() : undefined;
  const phase = (choose: (loss: LossPlugin) => boolean) => async (): Promise<void> => {
    state.step = 0; // every lazy loss is due at step 0
    const only = { ...setup, losses: losses.filter(choose) };
    await trainStep({
      setup: only, state, batch: { images }, rng: rng.split('step'), stats, observer: {}, evaluator: passes,
      draw: (label, count) => drawGeneratorInputs(only, rng.split(label), undefined, count),
    });
    await stats.read();
  };
  const sample = (count: number) => async (): Promise<void> => {
    const inputs = drawGeneratorInputs(setup, rng.split('sample'), undefined, count);
    const out = tidy(() => generator.synthesize(state.gEma, generator.map(state.gEma, inputs.z, { heatmaps: inputs.heatmaps }) as Tensor3D, {
      heatmaps: inputs.heatmaps, noiseMode: 'const',
    }));
    await settle(out);
    dispose(out);
    disposeGeneratorInputs(inputs);
  };
  const lazy = (loss: LossPlugin): boolean => (loss.interval ?? 1) > 1;
  return {
    pieces: {
      Gmain: phase((loss) => loss.network === 'G' && !lazy(loss)),
      Dmain: phase((loss) => loss.network === 'D' && !lazy(loss)),
      Dreg: phase((loss) => loss.network === 'D' && lazy(loss)),
      image1: sample(1),
      image16: sample(16),
    },
    dispose: () => {
      disposeTrainerState(state);
      stats.dispose();
      passes?.dispose();
      images.dispose();
    },
  };
}
