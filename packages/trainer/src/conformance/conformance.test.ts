import '@tensorflow/tfjs-backend-cpu';
import { keep, mul, ready, scalar, setBackend, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import { flattenParams, type GeneratorLoss, type LossPlugin, stopGradient, type TrainerPlugin } from '@spatialgan/core';
import { gradCam } from '@spatialgan/gradcam';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  alignAttention, checkpointEvery, evaluateEvery, l1Alignment, minAlignment, nonSaturatingDiscriminator, nonSaturatingGenerator, pathLength, progressLine, r1,
  snapshotEvery, statsLog, stopOnDivergence, tensorBoardLog,
} from '../index.js';
import { type Check, lossPluginChecks, toyNetworks, trainerPluginChecks } from './index.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

const align = (loss: Parameters<typeof alignAttention>[0]['loss']): LossPlugin => alignAttention({ extractor: gradCam({ targets: ['b8'] }), loss, resolutionOf: () => 4 });
const losses: readonly (readonly [string, () => LossPlugin, { readonly exactGradient?: boolean }])[] = [
  ['nonSaturatingGenerator', nonSaturatingGenerator, {}],
  ['nonSaturatingDiscriminator', nonSaturatingDiscriminator, {}],
  ['r1', () => r1({ gamma: 1 }), {}],
  ['pathLength', () => pathLength(), {}],
  // The weights of the attention, its minimum and its maximum are constants.
  ['alignAttention, Eq. 3', () => align(l1Alignment()), { exactGradient: false }],
  ['alignAttention, Eq. 5', () => align(minAlignment()), { exactGradient: false }],
];

describe.each(losses)('%s', (_, create, options) => {
  for (const { name, run } of lossPluginChecks(create, options)) it(name, run);
});

const nothing = async (): Promise<void> => {};
const plugins: readonly (readonly [string, () => TrainerPlugin])[] = [
  ['checkpointEvery', () => checkpointEvery({ kimg: 0.012, save: nothing })],
  ['snapshotEvery', () => snapshotEvery({ ...toyNetworks, kimg: 0.012, seed: 1, count: 2, write: nothing })],
  ['statsLog', () => statsLog({ append: nothing })],
  ['tensorBoardLog', () => tensorBoardLog({ append: nothing })],
  ['progressLine', () => progressLine({ write: () => {} })],
  ['stopOnDivergence', () => stopOnDivergence({ warn: () => {} })],
  ['evaluateEvery', () => evaluateEvery({ kimg: 0.012, metrics: { wobble: ({ step }) => Math.sin(step) }, saveBest: nothing })],
];

describe.each(plugins)('%s', (_, create) => {
  for (const { name, run } of trainerPluginChecks(create)) it(name, run);
});

/** The names of the checks that fail, with their messages. */
async function failures(checks: readonly Check[]): Promise<Readonly<Record<string, string>>> {
  const failed: Record<string, string> = {};
  for (const { name, run } of checks) await run().catch((error: Error) => void (failed[name] = error.message));
  return failed;
}

describe('the suite finds', () => {
  it('nothing in a sound loss, and each fault of a broken one', async () => {
    expect(await failures(lossPluginChecks(() => ({ ...nonSaturatingGenerator(), name: 'mine' })))).toEqual({});
    let calls = 0;
    const kept: Tensor[] = [];
    const faults: readonly (readonly [Partial<GeneratorLoss>, RegExp])[] = [
      [{ name: 'my loss' }, /expected a name of letters, .* got 'my loss'/],
      [{ interval: 0.5 }, /whole interval ≥ 1, got 0.5/],
      [{ weight: (kimg) => 1 / kimg }, /finite weight at any kimg, got Infinity/],
      [{ compute: (phase) => ({ loss: mul(stopGradient(phase.fakeScore().scores), 1) as never }) }, /got zeros in all/],
      [{ compute: (phase) => ({ loss: mul(phase.fakeScore().scores, stopGradient(phase.fakeScore().scores)) as never }) }, /is a part of the loss off the tape/],
      [{ compute: (phase) => ({ loss: mul(phase.fakeScore().scores, ++calls) as never }) }, /agree in every bit/],
      [{ compute: (phase) => (kept.push(keep(scalar(1))), { loss: mul(phase.fakeScore().scores, 1) as never }) }, /tensors afterwards as before/],
      [{ init: () => ({ a: scalar(0) }), compute: (phase) => ({ loss: mul(phase.fakeScore().scores, 1) as never, state: { a: tensor1d([1, 2]) } }) }, /state to stay a\[\], got a\[2\]/],
      [{ compute: (phase, { report }) => (report('x', NaN), { loss: mul(phase.fakeScore().scores, 1) as never }) }, /finite values under 'x', got NaN/],
    ];
    for (const [fault, message] of faults) {
      const failed = await failures(lossPluginChecks(() => ({ ...nonSaturatingGenerator(), ...fault }) as LossPlugin));
      expect(Object.values(failed).join('; '), String(message)).toMatch(message);
    }
    kept.forEach((tensor) => tensor.dispose());
  });

  it('nothing in a sound plugin, and each fault of a broken one', async () => {
    const kept: Tensor[] = [];
    const faults: readonly (readonly [() => TrainerPlugin, RegExp])[] = [
      [() => ({ name: 'my/plugin' }), /expected a name/],
      [() => ({ name: 'a', onStep: ({ params }) => flattenParams(params.G).get('weight')!.dispose() }), /to live on, got G.weight disposed/],
      [() => ({ name: 'a', onStep: () => void kept.push(keep(scalar(1))) }), /expected no growth/],
      [() => {
        let steps = 0;
        return { name: 'a', onStep: () => void steps++, saveFacts: () => steps };
      }, /expected to keep \[\[\],\{"a":8\}\] after 8 steps, got \[\[\],\{"a":4\}\]/],
      [() => ({ name: 'a', onEnd: (_, { error }) => {
        if (error === undefined) return;
        throw new Error('mine');
      } }), /^$/],
    ];
    for (const [create, message] of faults) expect(Object.values(await failures(trainerPluginChecks(create))).join('; '), String(message)).toMatch(message);
    kept.forEach((tensor) => tensor.dispose());
  });
});
