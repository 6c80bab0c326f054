import '@tensorflow/tfjs-backend-cpu';
import { fill, memory, mul, ready, type Scalar, setBackend, sqrt, sum, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { type GeneratorLoss, type LossPlugin, SpatialGANError, type TrainerPlugin, type TrainingSnapshot } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { nonSaturating } from '../losses/nonSaturating.js';
import { r1 } from '../losses/r1.js';
import { countingLoss, tinyData, tinyDiscriminator, tinyGenerator, usingTrainer } from '../tinyNetworks.test-kit.js';
import type { TrainerOptions, TrainingData } from '../trainerOptions.js';
import { describeDivergence, type DivergenceEvent, type DivergenceOptions } from './divergenceGuard.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

const kimgOf = (steps: number): number => (steps * 4) / 1000;

/** The iteration that runs, for faults that come and go. */
interface Clock {
  step: number;
}
const clockOf = (clock: Clock): TrainerPlugin => ({ name: 'clock', onStart: ({ step }) => void (clock.step = step), onStep: ({ step }) => void (clock.step = step) });

/** A loss of G that is infinite at some steps. */
const faulty = (clock: Clock, at: (step: number) => boolean): GeneratorLoss => ({
  ...(countingLoss() as GeneratorLoss), name: 'faulty', recordable: false,
  compute: (phase, context) => {
    const { loss, state } = (countingLoss() as GeneratorLoss).compute(phase, context);
    return { loss: at(clock.step) ? mul<Scalar>(loss, Infinity) : loss, state };
  },
});

interface Outcome {
  readonly events: DivergenceEvent[];
  readonly snapshot: TrainingSnapshot;
  readonly error: unknown;
  readonly ticks: Readonly<Record<string, number>>[];
}

async function run(steps: number, divergence: DivergenceOptions, options: (clock: Clock) => Partial<TrainerOptions>): Promise<Outcome> {
  const [events, ticks]: [DivergenceEvent[], Readonly<Record<string, number>>[]] = [[], []];
  const clock = { step: 0 };
  const { plugins = [], ...rest } = options(clock);
  const watch: TrainerPlugin = { name: 'watch', onTick: ({ stats }) => void ticks.push({ ...stats }) };
  const before = memory().numTensors;
  const outcome = await usingTrainer(
    { ...rest, plugins: [...plugins, clockOf(clock), watch], divergence: { ...divergence, onDivergence: (event) => void events.push(event) } },
    async (trainer) => {
      const error = await trainer.run({ kimg: kimgOf(steps) }).then(() => undefined, (cause: unknown) => cause);
      return { events, ticks, error, snapshot: await trainer.save() };
    },
  );
  expect(memory().numTensors).toBe(before);
  return outcome;
}

const withFault = (at: (step: number) => boolean) => (clock: Clock): Partial<TrainerOptions> => ({ losses: [...nonSaturating(), r1({ gamma: 1, interval: 2 }), faulty(clock, at)] });
const never = withFault(() => false);
const weightsOf = ({ groups }: TrainingSnapshot) => Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, [...group].map(([path, { data }]) => [path, [...data]])]));

describe('a run that stays finite', () => {
  it('is not changed by a guard, and nothing of a sound step is taken for broken', async () => {
    const guarded = await run(6, { policy: 'rollback', steps: 2 }, never);
    expect(guarded.events).toEqual([]);
    const free = await usingTrainer(never({ step: 0 }), async (trainer) => {
      await trainer.run({ kimg: kimgOf(6) });
      return trainer.save();
    });
    expect(weightsOf(guarded.snapshot)).toEqual(weightsOf(free));
    expect(guarded.snapshot.state).toEqual(free.state);
  });
});

describe('a step that is not finite', () => {
  it('is undone by skip: weights as if it had not been, the tick without it, the counters past it', async () => {
    const whole = await run(3, { policy: 'skip' }, never);
    const broken = await run(4, { policy: 'skip' }, withFault((step) => step === 3));
    expect(weightsOf(broken.snapshot)).toEqual(weightsOf(whole.snapshot));
    expect(broken.snapshot.state).toMatchObject({ step: 4, images: 16, adamStepsG: whole.snapshot.state.adamStepsG });
    expect(broken.events).toEqual([{ step: 3, kimg: 0.012, phase: 'Gmain', tensor: expect.stringMatching(/^forward Multiply/) as string, action: 'skip' }]);
    const later = await run(6, { policy: 'skip' }, withFault((step) => step === 3));
    expect(later.ticks).toHaveLength(2);
    for (const tick of later.ticks) expect(Object.values(tick).every(Number.isFinite)).toBe(true);
  });

  it('ends the run with stop; the state is the one before it', async () => {
    const whole = await run(3, { policy: 'stop' }, never);
    const broken = await run(9, { policy: 'stop' }, withFault((step) => step === 3));
    expect(broken.error).toBeInstanceOf(SpatialGANError);
    expect(broken.error).toMatchObject({ code: 'DIVERGED', message: expect.stringMatching(/^step 3 \(kimg 0.012\), Gmain: forward Multiply.* the run ends; lower the learning rate/) as string });
    expect(weightsOf(broken.snapshot)).toEqual(weightsOf(whole.snapshot));
    expect(broken.snapshot.state).toMatchObject({ step: 3, images: 12 });
  });

  it('goes back n steps with rollback, and on with other images', async () => {
    const early = await run(2, { policy: 'skip' }, never);
    const broken = await run(6, { policy: 'rollback', steps: 2 }, withFault((step) => step === 5));
    // Copies are at 0, 2 and 4; 4 is too near to step 5.
    expect(broken.events).toMatchObject([{ step: 5, action: 'rollback', backTo: 2 }]);
    expect(weightsOf(broken.snapshot)).toEqual(weightsOf(early.snapshot));
    expect(broken.snapshot.state).toMatchObject({ step: 6, images: 24, adamStepsG: 2 });
    expect(describeDivergence(broken.events[0]!)).toMatch(/^step 5 \(kimg 0.020\), Gmain: .* is the first that is not finite; back to the networks of step 2$/);
  });

  it('ends a run that does not recover', async () => {
    const broken = await run(30, { policy: 'skip', limit: 3 }, withFault((step) => step >= 2));
    expect(broken.events.map(({ action }) => action)).toEqual(['skip', 'skip', 'skip', 'stop']);
    expect(broken.error).toMatchObject({ code: 'DIVERGED', message: expect.stringContaining('4 steps in a row') as string });
  });

  it('is named by what broke first: an image, a weight, a layer, a gradient', async () => {
    const nan = tinyData();
    const data: TrainingData = { next: async () => {
        const { images } = await nan.next();
        const broken = mul<Tensor4D>(images, NaN);
        images.dispose();
        return { images: broken };
      },
     };
    const first = async (options: Partial<TrainerOptions>): Promise<string> => {
      const { events } = await run(1, { policy: 'skip' }, () => options);
      return `${events[0]!.phase}: ${events[0]!.tensor}`;
    };
    expect(await first({ data })).toBe("before: the batch's images");
    const weight = tinyGenerator({ init: (rng) => {
        const { embed, ...others } = tinyGenerator().init(rng) as Record<string, Tensor>;
        embed!.dispose();
        return { embed: fill([3, 3], NaN), ...others };
      },
     });
    expect(await first({ generator: weight })).toBe('before: parameter G.embed');
    // Overflows in D alone.
    const layer = tinyDiscriminator({ score: (params, images, tap) => mul(tinyDiscriminator().score(params, mul(images as Tensor4D, 1e30), tap), 1e30) });
    expect(await first({ discriminator: layer })).toMatch(/^Gmain: forward Multiply at D.weight$/);
    // √0 has a value and no gradient.
    const root: LossPlugin = { name: 'root', network: 'G', weight: 1, compute: (phase) => ({ loss: sqrt(mul(sum(phase.fake().images), 0)) as never }) };
    expect(await first({ losses: [...nonSaturating(), root] })).toMatch(/^Gmain: backward /);
  });
});

it('refuses what it does not know', async () => {
  await expect(run(1, { policy: 'hope' as never }, never)).rejects.toMatchObject({ code: 'CONFIG' });
  await expect(run(1, { policy: 'skip', limit: 0 }, never)).rejects.toThrow(/limit ≥ 1, got skip, 100, 0/);
});
