import '@tensorflow/tfjs-backend-cpu';
import { memory, mul, ones, ready, reverse, setBackend, tensor2d, type Tensor4D } from '@tensorflow/tfjs-core';
import { createRng, type TrainingSnapshot } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAugmentation, type ImageAugmentation } from './augmentation.js';
import { tinyData, usingTrainer } from './tinyNetworks.test-kit.js';
import type { TrainerOptions } from './trainerOptions.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

/** Mirrors with probability p; counts its calls and notes what it was given. */
function mirror(): { readonly pipe: ImageAugmentation; readonly seen: number[] } {
  const seen: number[] = [];
  return { seen, pipe: (images, { p, draws }) => (seen.push(p), draws.uniform() < p ? reverse(images, 2) : mul(images, 1) as Tensor4D) };
}
const kimgOf = (steps: number): number => (steps * 4) / 1000;
const ada = { target: 0.6, interval: 2, kimg: 0.1 };
const weights = ({ groups }: TrainingSnapshot) =>
  Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, Object.fromEntries([...group].map(([path, { data }]) => [path, [...data]]))]));


describe('createAugmentation', () => {
  it('moves p by a fixed step towards the target, every interval, never below 0', async () => {
    const augmentation = createAugmentation({ pipe: mirror().pipe, ada: { target: 0.5, interval: 2, kimg: 1 } });
    const step = async (n: number, sign: number): Promise<number> => {
      const signs = tensor2d([sign, sign], [2, 1]);
      augmentation.observe('Loss/signs/real', signs);
      augmentation.observe('Loss/signs/fake', signs);
      signs.dispose();
      await augmentation.update(n, 10);
      return augmentation.p;
    };
    const ps = [];
    for (const [n, sign] of [[1, 1], [2, 0.2], [3, 1], [4, 1], [5, -1], [6, -1], [7, -1], [8, -1], [9, -1], [10, -1]] as const) ps.push(await step(n, sign));
    // Means 0.6, 1, -1, -1, -1: batch · interval / (kimg · 1000) = 0.02 up, up, down, down, and there it stays.
    const wanted = [0, 0.02, 0.02, 0.04, 0.04, 0.02, 0.02, 0, 0, 0];
    ps.forEach((p, i) => expect(p).toBeCloseTo(wanted[i]!, 10));
    augmentation.dispose();
  });

  it('draws anew at each call, alike for the same stream', () => {
    const drawn: number[] = [];
    const augmentation = createAugmentation({ p: 1, pipe: (images, { draws }) => (drawn.push(draws.uniform()), images) });
    const images = ones([1, 2, 2, 1]) as Tensor4D;
    for (const label of ['a', 'a', 'b']) {
      const see = augmentation.stream(createRng(1).split(label));
      see(images);
      see(images);
    }
    expect(drawn.slice(0, 2)).toEqual(drawn.slice(2, 4));
    expect(new Set(drawn).size).toBe(4);
  });

  it('wants signs to follow, and sensible numbers', async () => {
    const { pipe } = mirror();
    await expect(createAugmentation({ pipe, ada: { interval: 1 } }).update(1, 4)).rejects.toThrow(/reports 'Loss\/signs\/real'/);
    expect(() => createAugmentation({ pipe, p: -1 })).toThrow(/p ≥ 0/);
    expect(() => createAugmentation({ pipe, ada: { interval: 0 } })).toThrow(/interval 0/);
  });
});

describe('a trainer with augmentation', () => {
  it('shows D transformed images only: real, generated, in R1 and in G\'s losses', async () => {
    const { pipe, seen } = mirror();
    await usingTrainer({ augment: { pipe, p: 0.3 } }, (trainer) => trainer.run({ kimg: kimgOf(1) }));
    // Step 0: G main, D main on generated and real, D's R1.
    expect(seen).toEqual([0.3, 0.3, 0.3, 0.3]);
  });

  it('changes what is learned, and only then', async () => {
    const learned = (augment?: TrainerOptions['augment']) =>
      usingTrainer(augment ? { augment } : {}, async (trainer) => (await trainer.run({ kimg: kimgOf(4) }), weights(await trainer.save())));
    const { pipe } = mirror();
    expect(await learned({ pipe, p: 0 })).toEqual(await learned());
    expect(await learned({ pipe, p: 1 })).not.toEqual(await learned());
  });

  it('goes on exactly after a checkpoint, p and the half interval included', async () => {
    const options = () => ({ augment: { pipe: mirror().pipe, ada: { ...ada, interval: 3 } } });
    const whole = await usingTrainer(options(), async (trainer) => (await trainer.run({ kimg: kimgOf(10) }), trainer.save()));
    const half = await usingTrainer(options(), async (trainer) => (await trainer.run({ kimg: kimgOf(5) }), trainer.save()));
    const snapshot: TrainingSnapshot = { groups: half.groups, state: JSON.parse(JSON.stringify(half.state)) as TrainingSnapshot['state'] };
    expect(snapshot.state.augment).toMatchObject({ count: 2 });
    const resumed = await usingTrainer({ ...options(), data: tinyData(5) }, async (trainer) => {
      trainer.restore(snapshot);
      await trainer.run({ kimg: kimgOf(10) });
      return trainer.save();
    });
    expect(weights(resumed)).toEqual(weights(whole));
    expect(resumed.state.augment).toEqual(whole.state.augment);
  });

  it('leaves no tensor behind and reports p', async () => {
    const before = memory().numTensors;
    const ps: number[] = [];
    const counts: number[] = [];
    const watch = { name: 'watch', onTick: ({ stats }: { stats: Readonly<Record<string, number>> }) => void (ps.push(stats['Progress/augment']!), counts.push(memory().numTensors)) };
    await usingTrainer({ augment: { pipe: mirror().pipe, ada: { ...ada, interval: 3, target: -1.5 } }, plugins: [watch] }, (trainer) => trainer.run({ kimg: kimgOf(12) }));
    expect(new Set(counts).size).toBe(1);
    expect(memory().numTensors).toBe(before);
    expect(ps.at(-1)).toBeGreaterThan(ps[0]!);
  });
});
