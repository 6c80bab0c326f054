import '@tensorflow/tfjs-backend-cpu';
import { mean, memory, mul, ready, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { createRng, type GeneratorLoss, type GeneratorPhase, type LossContext, type TrainingSnapshot } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { nonSaturating } from './losses/nonSaturating.js';
import { pathLength } from './losses/pathLength.js';
import { r1 } from './losses/r1.js';
import { drawGeneratorInputs } from './generatorInputs.js';
import { createPhasePasses, type PhasePasses } from './phasePasses.js';
import { createStatCollector } from './stats.js';
import { countingLoss, tinyData, tinyOptions, usingTrainer } from './tinyNetworks.test-kit.js';
import { trainingSetup, type TrainerOptions } from './trainerOptions.js';
import { disposeTrainerState, initTrainerState, readTrainerState } from './trainerState.js';
import { trainStep } from './trainStep.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

type Compute = GeneratorLoss['compute'];

/** A loss of G beside the adversarial ones, and how often it was called in so many steps. */
const beside = (compute: Compute, change: Partial<GeneratorLoss> = {}): { readonly options: Partial<TrainerOptions>; calls(): number } => {
  let calls = 0;
  const own: GeneratorLoss = { name: 'own', network: 'G', weight: 0.5, ...change, compute: (...args) => (calls++, compute(...args)) };
  return { options: { losses: [...nonSaturating(), own] }, calls: () => calls };
};

/** Steps with given passes, and what they leave. */
async function stepped(steps: number, options: Partial<TrainerOptions>, passes?: PhasePasses): Promise<TrainingSnapshot> {
  const whole = tinyOptions(options);
  const setup = trainingSetup(whole);
  const [state, stats, data] = [initTrainerState(setup, createRng(1)), createStatCollector(), tinyData()];
  for (let i = 0; i < steps; i++) {
    const rng = createRng(2).split(`${i}`);
    const batch = await data.next();
    await trainStep({
      setup, state, batch, rng, stats, observer: {}, evaluator: passes,
      draw: (phase, count, part) => drawGeneratorInputs(setup, rng.split(phase, part), undefined, count),
    });
    batch.images.dispose();
  }
  const snapshot = await readTrainerState(state, undefined);
  disposeTrainerState(state);
  stats.dispose();
  return snapshot;
}

/** As many steps with passes and without give the same bits; tells how often the loss was called and what was refused. */
async function compared(loss: ReturnType<typeof beside>, steps = 6): Promise<{ readonly calls: number; readonly refused: Readonly<Record<string, string>> }> {
  const before = memory().numTensors;
  const plain = await stepped(steps, loss.options);
  const from = loss.calls();
  const passes = createPhasePasses();
  expect(await stepped(steps, loss.options, passes)).toEqual(plain);
  passes.dispose();
  expect(memory().numTensors).toBe(before);
  return { calls: loss.calls() - from, refused: Object.fromEntries(passes.refused) };
}

describe('a loss', () => {
  it('is called twice, to be recorded and to be compared, where it computes from tensors and draws tensors', async () => {
    const drawing = beside((phase) => ({ loss: mean(mul(phase.fake().images, phase.rng.split('own').uniformTensor<Tensor>([4, 4, 4, 1]))) }));
    expect(await compared(drawing)).toEqual({ calls: 2, refused: {} });
  });

  it('may have a weight that follows the time, and report numbers', async () => {
    const timed = beside((phase, { report }) => (report('constant', 3), { loss: mean(phase.fake().images) }), { weight: (kimg) => 1 + kimg * 100 });
    expect(await compared(timed)).toEqual({ calls: 2, refused: {} });
  });

  const refused: readonly (readonly [string, Compute, RegExp])[] = [
    ['reads the time', (phase, { kimg }: LossContext<void>) => ({ loss: mul(mean(phase.fake().images), kimg * 100) }), /own reads kimg/],
    ['looks at the layouts', (phase) => ({ loss: mul(mean(phase.fake().images), (phase.layouts[0]!.levels[0]!.regions[0] as { center: { x: number } }).center.x) }), /reads the layouts/],
    ['draws numbers', (phase) => ({ loss: mul(mean(phase.fake().images), phase.rng.split('own').uniform()) }), /draws numbers one by one/],
    ['reads the numbers of tensors', (phase: GeneratorPhase) => {
      const { images } = phase.fake();
      return { loss: mul(mean(images), images.dataSync()[0]!) };
    }, /reads numbers that depend on its inputs/],
  ];
  it.each(refused)('that %s is called at every step', async (_, compute, why) => {
    expect(await compared(beside(compute))).toEqual({ calls: 6, refused: { Gmain: expect.stringMatching(why) as string } });
  });

  it('with a memory of its own is called at every step where it says so, and found out where it does not', async () => {
    const remembering = (): Compute => {
      let calls = 0;
      return (phase) => ({ loss: mul(mean(phase.fake().images), 1 + (calls++ % 6)) });
    };
    expect(await compared(beside(remembering(), { recordable: false }))).toEqual({ calls: 6, refused: {} });
    expect(await compared(beside(remembering()))).toEqual({ calls: 6, refused: { Gmain: expect.stringMatching(/gave other numbers when it was run again/) as string } });
  });

  it('that keeps state in tensors goes on with it', async () => {
    const { compute, init } = countingLoss() as GeneratorLoss;
    expect((await compared(beside(compute, { ...(init && { init }) }))).calls).toBe(2);
  });

  it('of D that looks at generated images in a lazy phase is called at every step', async () => {
    let calls = 0;
    const lazy: TrainerOptions['losses'][number] = {
      name: 'lazy', network: 'D', weight: 1, interval: 2, compute: (phase) => (calls++, { loss: mean(phase.score(phase.fake(), (_name, x) => x)) }),
    };
    const loss = { options: { losses: [...nonSaturating(), lazy] }, calls: () => calls };
    expect(await compared(loss)).toEqual({ calls: 3, refused: { Dreg: expect.stringMatching(/generated images/) as string } });
  });
});

describe('recorded passes', () => {
  const kimgOf = (steps: number): number => (steps * 4) / 1000;
  const losses = [...nonSaturating(), r1({ gamma: 1, interval: 2 }), pathLength({ interval: 2 }), countingLoss()];
  const saved = (options: Partial<TrainerOptions>, steps: number, from?: TrainingSnapshot): Promise<TrainingSnapshot> =>
    usingTrainer({ losses, ...options }, async (trainer) => {
      if (from) trainer.restore(from);
      await trainer.run({ kimg: kimgOf(steps) });
      return trainer.save();
    });

  it('change no bit of a run, whole, in parts, guarded, or resumed in the middle', async () => {
    for (const options of [{}, { batchGpu: 2 }, { divergence: { policy: 'skip' as const } }]) {
      const plain = await saved({ ...options, recordPasses: false }, 9);
      expect(await saved(options, 9)).toEqual(plain);
      const half = await saved(options, 5);
      expect(await saved({ ...options, data: tinyData(5) }, 9, half)).toEqual(plain);
    }
  });
});
