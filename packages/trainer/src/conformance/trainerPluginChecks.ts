import { memory } from '@tensorflow/tfjs-core';
import { flattenParams, type TrainerContext, type TrainerPlugin, type TrainingSnapshot } from '@spatialgan/core';
import { nonSaturating } from '../losses/nonSaturating.js';
import { createTrainer, type Trainer } from '../trainer.js';
import { type Check, must } from './check.js';
import { type ConformanceNetworks, toyData, toyNetworks } from './toyNetworks.js';

/** What a trainer plugin is checked with. */
export interface TrainerPluginChecksOptions {
  /** Default: {@link toyNetworks}. */
  readonly networks?: ConformanceNetworks;
  /** Steps of the longest training. A multiple of 4, default 8; a tick is 2 steps. Give more if the plugin acts rarely. */
  readonly steps?: number;
  /** The plugin may stop a training: it is then not compared with one without it. Default false. */
  readonly stops?: boolean;
}

const kimgOf = (steps: number): number => (steps * 4) / 1000;

/** A snapshot as text, without what the plugin itself keeps. */
function textOf({ groups, state }: TrainingSnapshot): string {
  const { plugins: _, ...counters } = state;
  const own = Object.entries(groups).filter(([name]) => !name.startsWith('plugin.'));
  return JSON.stringify([own.map(([name, group]) => [name, [...group].map(([path, { shape, data }]) => [path, shape, [...data]])]), counters]);
}

/** What the plugin itself keeps. */
const keptOf = ({ groups, state }: TrainingSnapshot): string =>
  JSON.stringify([Object.entries(groups).filter(([name]) => name.startsWith('plugin.')).map(([name, group]) => [name, [...group].map(([path, { data }]) => [path, [...data]])]), state.plugins]);

/** As a checkpoint gives it back. */
const stored = ({ groups, state }: TrainingSnapshot): TrainingSnapshot => ({ groups, state: JSON.parse(JSON.stringify(state)) as TrainingSnapshot['state'] });

/**
 * What every trainer plugin must keep to, as checks for any test runner. Needs an active backend and registered gradients.
 *
 * @param create makes a fresh plugin; what it writes to should be fresh too.
 */
export function trainerPluginChecks(create: () => TrainerPlugin, options: TrainerPluginChecksOptions = {}): readonly Check[] {
  const { networks = toyNetworks, steps = 8, stops = false } = options;
  const using = async <T>(plugins: readonly TrainerPlugin[], use: (trainer: Trainer) => Promise<T>, start = 0): Promise<T> => {
    const trainer = createTrainer({ ...networks, losses: nonSaturating(), plugins, data: toyData(networks, start), seed: 3, kimgPerTick: kimgOf(2) });
    try {
      return await use(trainer);
    } finally {
      trainer.dispose();
    }
  };
  const run = (plugins: readonly TrainerPlugin[], count: number): Promise<TrainingSnapshot> =>
    using(plugins, async (trainer) => {
      await trainer.run({ kimg: kimgOf(count) });
      return trainer.save();
    });
  return [
    {
      name: 'has a name that a checkpoint can use',
      async run() {
        const { name } = create();
        must(/^[\w][\w.-]*$/.test(name), `expected a name of letters, digits, '.', '-' and '_', got '${name}'`);
      },
    },
    ...(stops ? [] : [{
      name: 'watches without a touch: the training has the same bits as without it',
      async run() {
        must(textOf(await run([create()], steps)) === textOf(await run([], steps)), 'expected the same weights, moments and statistics with and without the plugin');
      },
    }]),
    {
      name: 'disposes nothing of what it is lent, and holds no more tensors from step to step',
      async run() {
        const counts: number[] = [];
        const onStep = ({ params }: TrainerContext): void => {
          const gone = [...flattenParams(params)].find(([, leaf]) => leaf.isDisposed);
          must(!gone, `expected what a plugin is lent to live on, got ${gone?.[0]} disposed`);
          counts.push(memory().numTensors);
        };
        await using([create(), { name: 'conformance.count', order: 'post', onStep }], (trainer) => trainer.run({ kimg: kimgOf(steps) }));
        // Both at the end of a tick: within one the statistics hold tensors.
        const half = 2 * Math.floor(counts.length / 4);
        const [middle, last] = [counts[half - 1]!, counts[2 * half - 1]!];
        must(last <= middle, `expected no growth from step ${half} to ${2 * half}, got ${middle} and ${last} tensors`);
      },
    },
    {
      name: 'goes on from a checkpoint as if it had not been stopped',
      async run() {
        const whole = await run([create()], steps);
        const half = stored(await run([create()], steps / 2));
        const resumed = await using([create()], async (trainer) => {
          trainer.restore(half);
          await trainer.run({ kimg: kimgOf(steps) });
          return trainer.save();
        }, (half.state.cursor as { next: number }).next);
        must(keptOf(resumed) === keptOf(whole), `expected to keep ${keptOf(whole)} after ${steps} steps, got ${keptOf(resumed)} with a checkpoint in between`);
      },
    },
    {
      name: 'minds neither a checkpoint without it nor a second run of the same trainer',
      async run() {
        const without = stored(await run([], 2));
        await using([create()], async (trainer) => {
          trainer.restore(without);
          await trainer.run({ kimg: kimgOf(4) });
          await trainer.run({ kimg: kimgOf(6) });
        }, 2);
      },
    },
    {
      name: 'lets an error of another plugin through',
      async run() {
        const failing: TrainerPlugin = { name: 'conformance.fails', order: 'post', onStep: () => Promise.reject(new Error('conformance')) };
        const error = await run([create(), failing], 1).then(() => undefined, (cause: unknown) => cause);
        must(error instanceof Error && error.message === 'conformance', `expected the other plugin's error, got ${String(error)}`);
      },
    },
  ];
}
