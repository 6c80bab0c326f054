import '@tensorflow/tfjs-backend-cpu';
import { memory, mul, ready, setBackend, sum, type Tensor, tensor1d, type Tensor4D } from '@tensorflow/tfjs-core';
import { flattenParams, type LossPlugin, SpatialGANError, type TrainerPlugin, type TrainingSnapshot } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { nonSaturating } from './losses/nonSaturating.js';
import { r1 } from './losses/r1.js';
import { countingLoss, tinyData, tinyDiscriminator, tinyGenerator, tinyOptions, usingTrainer } from './tinyNetworks.test-kit.js';
import { createTrainer } from './trainer.js';
import type { TrainerOptions } from './trainerOptions.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

const kimgOf = (steps: number): number => (steps * 4) / 1000;
const plain = ({ groups, state }: TrainingSnapshot) => ({
  groups: Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, Object.fromEntries([...group].map(([path, { data, shape }]) => [path, { shape, data: [...data] }]))])),
  state,
});
/** As a checkpoint gives it back: the tensors as they are, the state through JSON. */
const stored = ({ groups, state }: TrainingSnapshot): TrainingSnapshot => ({ groups, state: JSON.parse(JSON.stringify(state)) as TrainingSnapshot['state'] });

const after = (steps: number, options: Partial<TrainerOptions> = {}): Promise<TrainingSnapshot> =>
  usingTrainer(options, async (trainer) => {
    await trainer.run({ kimg: kimgOf(steps) });
    return trainer.save();
  });
const failureOf = (what: () => unknown): Promise<SpatialGANError> =>
  Promise.resolve().then(what).then(() => Promise.reject(new Error('expected it to throw')), (error: unknown) => {
    expect(error).toBeInstanceOf(SpatialGANError);
    return error as SpatialGANError;
  });

describe('the loop', () => {
  it('leaves no tensor behind: none per step, none after dispose, none of a refused snapshot', async () => {
    const before = memory().numTensors;
    const counts: number[] = [];
    const trainer = createTrainer(tinyOptions({ plugins: [{ name: 'count', onTick: () => void counts.push(memory().numTensors) }] }));
    await trainer.run({ kimg: kimgOf(12) });
    expect(counts).toHaveLength(4);
    expect(new Set(counts).size).toBe(1);
    const snapshot = await trainer.save();
    const held = memory().numTensors;
    const { D, ...others } = snapshot.groups;
    const error = await failureOf(() => trainer.restore({ ...snapshot, groups: { ...others, D: new Map([['other', D!.get('weight')!]]) } }));
    expect(error.code).toBe('CHECKPOINT');
    expect(error.message).toContain('D: 1 tensors are missing (weight) and 1 are unknown (other)');
    expect(memory().numTensors).toBe(held);
    expect(plain(await trainer.save())).toEqual(plain(snapshot));
    trainer.restore(snapshot);
    expect(memory().numTensors).toBe(held);
    trainer.dispose();
    trainer.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it.each([1, 4, 6, 7])('ends with the same bits when it was saved after %i of 10 steps and restored into a new trainer', async (at) => {
    const whole = await after(10);
    const half = stored(await after(at));
    const resumed = await usingTrainer({ data: tinyData((half.state.cursor as { next: number }).next) }, async (trainer) => {
      trainer.restore(half);
      expect(trainer.step).toBe(at);
      await trainer.run({ kimg: kimgOf(10) });
      return trainer.save();
    });
    expect(Object.keys(whole.groups).sort()).toEqual(['D', 'G', 'adamD.m', 'adamD.v', 'adamG.m', 'adamG.v', 'gEma', 'loss.counting']);
    expect(whole.state).toMatchObject({ step: 10, images: 40, adamStepsG: 10, adamStepsD: 15 });
    expect(Object.keys(whole.state.stats!)).toContain('Loss/G/adversarial');
    expect(plain(resumed)).toEqual(plain(whole));
  });

  it('tells the same ticks when it is stopped between them', async () => {
    const told = (ticks: unknown[]): TrainerPlugin => ({ name: 'told', onTick: ({ step, stats }) => void ticks.push({ step, stats }) });
    const [whole, parts]: [unknown[], unknown[]] = [[], []];
    await after(10, { plugins: [told(whole)] });
    const half = stored(await after(5, { plugins: [told(parts)] }));
    await usingTrainer({ data: tinyData(5), plugins: [told(parts)] }, async (trainer) => {
      trainer.restore(half);
      await trainer.run({ kimg: kimgOf(10) });
    });
    expect(whole.map((tick) => (tick as { step: number }).step)).toEqual([3, 6, 9]);
    expect(parts).toEqual(whole);
  });

  it('depends on the seed, and not on how the run is cut into calls', async () => {
    const whole = plain(await after(6));
    const cut = await usingTrainer({}, async (trainer) => {
      for (const steps of [1, 3, 6]) await trainer.run({ kimg: kimgOf(steps) });
      return trainer.save();
    });
    expect(plain(cut)).toEqual(whole);
    expect(plain(await after(6, { seed: 6 })).groups).not.toEqual(whole.groups);
  });

  it('runs lazy losses in steps of their own, after the main ones', async () => {
    const run: string[] = [];
    const noted = (loss: LossPlugin, phase: string): LossPlugin => ({ ...loss, recordable: false, compute: ((...args: [never, never]) => (run.push(phase), loss.compute(...args))) as never });
    const [g, d] = nonSaturating();
    await after(3, { losses: [noted(r1({ gamma: 1, interval: 2 }), 'Dreg'), noted(g!, 'Gmain'), noted(d!, 'Dmain')] });
    expect(run).toEqual(['Gmain', 'Dmain', 'Dreg', 'Gmain', 'Dmain', 'Gmain', 'Dmain', 'Dreg']);
  });

  it('averages G towards its parameters and copies its buffers', async () => {
    const { groups } = await after(3, { ema: { kimg: 10, rampup: null } });
    const start = await after(0);
    const beta = 0.5 ** (4 / 10_000);
    const one = await after(1, { ema: { kimg: 10, rampup: null } });
    const [was, now, mean] = [start.groups['G'], one.groups['G'], one.groups['gEma']].map((group) => group!.get('weight')!.data[0]!);
    expect(now).not.toBe(was);
    expect(mean).toBeCloseTo(beta * was! + (1 - beta) * now!, 6);
    expect(groups['gEma']!.get('wAvg')).toEqual(groups['G']!.get('wAvg'));
    expect(groups['G']!.get('wAvg')).not.toEqual(start.groups['G']!.get('wAvg'));
  });
});

describe('ends', () => {
  it('stops by the signal after the step, and before the first when it fired already', async () => {
    const abort = new AbortController();
    const ends: unknown[] = [];
    const stopAt2: TrainerPlugin = { name: 'stop', onStep: ({ step }) => void (step === 2 && abort.abort()), onEnd: (_, outcome) => void ends.push(outcome) };
    await usingTrainer({ plugins: [stopAt2] }, async (trainer) => {
      expect(await trainer.run({ kimg: 1, signal: abort.signal })).toEqual({ reason: 'aborted', kimg: kimgOf(2) });
      expect(await trainer.run({ kimg: 1, signal: abort.signal })).toEqual({ reason: 'aborted', kimg: kimgOf(2) });
    });
    expect(ends).toEqual([{ reason: 'aborted' }, { reason: 'aborted' }]);
  });

  it('hears a signal that comes from outside while steps wait for nothing but this thread', async () => {
    const abort = new AbortController();
    const tooLate: TrainerPlugin = { name: 'too late', onStep: ({ stop }) => void (performance.now() > started + 5_000 && stop('never heard')) };
    const started = performance.now();
    await usingTrainer({ plugins: [tooLate] }, async (trainer) => {
      setTimeout(() => abort.abort(), 20);
      expect((await trainer.run({ kimg: 1e9, signal: abort.signal })).reason).toBe('aborted');
    });
  });

  it('stops when a plugin asks for it, with the first reason', async () => {
    const stop: TrainerPlugin = { name: 'stop', onStep: (context) => [context.stop('good enough'), context.stop('later')] as never };
    expect(await usingTrainer({ plugins: [stop] }, (trainer) => trainer.run({ kimg: 1 }))).toEqual({ reason: 'good enough', kimg: kimgOf(1) });
  });

  it('says when data end, and refuses to run, save or restore once disposed', async () => {
    const once = async function* (): AsyncGenerator<Tensor4D> {
      yield (await tinyData().next()).images;
    };
    const trainer = createTrainer(tinyOptions({ data: once() }));
    expect(await failureOf(() => trainer.run({ kimg: 1 }))).toMatchObject({ code: 'DATA' });
    expect(trainer.step).toBe(1);
    const snapshot = await trainer.save();
    trainer.dispose();
    for (const use of [() => trainer.run({ kimg: 1 }), () => trainer.save(), () => trainer.restore(snapshot)]) {
      expect(await failureOf(use)).toMatchObject({ code: 'DISPOSED' });
    }
  });

  it('survives gradients that are not finite: NaN counts as none', async () => {
    const start = await after(0);
    const broken: LossPlugin = { name: 'broken', network: 'G', weight: 1, compute: (phase) => ({ loss: mul(sum(phase.fake().images), NaN) as never }) };
    const { groups } = await after(3, { losses: [broken, nonSaturating()[1]!] });
    expect(groups['G']!.get('weight')).toEqual(start.groups['G']!.get('weight'));
    for (const group of Object.values(groups)) for (const { data } of group.values()) expect([...data].every(Number.isFinite)).toBe(true);
  });
});

describe('plugins', () => {
  const spy = (name: string, calls: string[], order?: 'pre' | 'post'): TrainerPlugin => {
    const note = (hook: string) => async (): Promise<void> => {
      await Promise.resolve();
      calls.push(`${hook} ${name}`);
    };
    return { name, ...(order ? { order } : {}), onStart: note('start'), onStep: note('step'), onTick: note('tick'), onEnd: note('end') };
  };

  it('run one after the other, pre and post around the rest, the tick before the step', async () => {
    const calls: string[] = [];
    await after(1, { kimgPerTick: 0.004, plugins: [spy('c', calls, 'post'), spy('b1', calls), spy('a', calls, 'pre'), spy('b2', calls)] });
    expect(calls).toEqual(['start', 'tick', 'step', 'end'].flatMap((hook) => ['a', 'b1', 'b2', 'c'].map((name) => `${hook} ${name}`)));
  });

  it('keep tensors in the checkpoint and own what they get back', async () => {
    let restored: Tensor | undefined;
    const kept = tensor1d([1, 2]);
    const keeper: TrainerPlugin = { name: 'keeper', saveState: () => ({ kept }), loadState: (state) => void (restored = flattenParams(state).get('kept')) };
    const snapshot = await after(1, { plugins: [keeper] });
    kept.dispose();
    await usingTrainer({ plugins: [keeper] }, async (trainer) => trainer.restore(snapshot));
    expect([...restored!.dataSync()]).toEqual([1, 2]);
    restored!.dispose();
    // Another set of plugins neither needs nor minds it.
    await usingTrainer({}, async (trainer) => trainer.restore(snapshot));
    await usingTrainer({ plugins: [{ name: 'newcomer', saveState: () => undefined, loadState: () => expect.unreachable() }] }, async (trainer) => trainer.restore(snapshot));
  });

  it('are named when they fail; the others hear of the end, and the first error is the one thrown', async () => {
    const heard: unknown[] = [];
    const plugins: TrainerPlugin[] = [
      { name: 'fails', onStep: () => Promise.reject(new Error('disk full')), onEnd: () => Promise.reject(new Error('again')) },
      { name: 'hears', order: 'pre', onEnd: (_, outcome) => void heard.push(outcome.reason) },
    ];
    expect(await failureOf(() => after(1, { plugins }))).toMatchObject({ plugin: 'fails', message: 'disk full' });
    expect(heard).toEqual(['error']);
    const loss: LossPlugin = { ...countingLoss(), compute: () => { throw new SpatialGANError('SHAPE', 'counting: expected less'); } };
    expect(await failureOf(() => after(1, { losses: [...nonSaturating(), loss] }))).toMatchObject({ code: 'SHAPE', plugin: 'counting' });
  });
});

describe('options', () => {
  const [g, d] = nonSaturating();
  const cases: readonly [string, Partial<TrainerOptions>, RegExp][] = [
    ['networks of two sizes', { discriminator: tinyDiscriminator({ imgResolution: 8 }) }, /one image resolution, got 4 of G and 8 of D/],
    ['no main loss of D', { losses: [g!, r1({ gamma: 1 })] }, /a loss of D at every step/],
    ['two lazy intervals', { losses: [g!, d!, { ...countingLoss(2), name: 'other' }, countingLoss(4)] }, /share one interval, got 2 and 4/],
    ['a loss twice', { losses: [g!, d!, g!] }, /names to differ, got 'nonSaturating\/G' twice/],
    ['a plugin twice', { plugins: [{ name: 'a' }, { name: 'a' }] }, /names to differ, got 'a' twice/],
    ['ticks of no length', { kimgPerTick: 0 }, /kimgPerTick above 0, got 0/],
  ];
  it.each(cases)('refuses %s', async (_, options, message) => {
    const before = memory().numTensors;
    const error = await failureOf(() => createTrainer(tinyOptions(options)));
    expect(error.code).toBe('CONFIG');
    expect(error.message).toMatch(message);
    expect(memory().numTensors).toBe(before);
  });

  it('works without the optional parts of a generator', async () => {
    const { updateBuffers: _, ...plainGenerator } = tinyGenerator();
    const { groups } = await after(2, { generator: plainGenerator, noiseMode: 'none', styleMixingProb: 0 });
    expect(groups['G']!.get('weight')).toBeDefined();
  });
});
