import { concat, dispose, keep, mean, mul, reshape, scalar, slice, sqrt, square, sub, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng, type DiscriminatorLoss, type DiscriminatorModel, flattenParams, type GeneratorModel, type LossPlugin, type ParamTree, type Rng, withLeaves } from '@spatialgan/core';
import { gradCam } from '@spatialgan/gradcam';
import {
  adaHeuristic, adam, type AdamOptions, createDiscriminatorPhase, createGeneratorPhase, createPhasePasses, createStatCollector, emaBeta, emaUpdate, evaluateLosses, generate,
  type GeneratorInputs, type StatCollector, trainableOf, type TrainerState, type TrainingSetup, trainStep,
} from '@spatialgan/trainer';
import { alignAttention, l1Alignment, nonSaturating, pathLength, r1 } from '@spatialgan/trainer/losses';
import type { GoldenCase, Runner } from '../goldenCase.js';
import { toNchw, toNhwc } from '../pytorchLayout.js';
import { discriminatorOf, generatorOf, gradientOutputs, pyramidOf, toPyTorchLayout } from '../pytorchNetworks.js';

/** A stream whose normal draws are the golden's. */
function givenNoise(noise: Tensor | undefined): Rng {
  const rng: Rng = {
    ...createRng(0),
    split: () => rng,
    normalTensor: ((shape: readonly number[]) => {
      if (noise?.shape.join() !== shape.join()) throw new Error(`no golden noise of shape [${shape}]`);
      return noise.clone();
    }) as Rng['normalTensor'],
  };
  return rng;
}

function lossesOf({ args }: GoldenCase, intervals: { readonly G: number; readonly D: number }): readonly LossPlugin[] {
  const { r1_gamma: gamma, pl_weight: weight } = args.loss as { r1_gamma: number; pl_weight: number };
  const losses: LossPlugin[] = [...nonSaturating(), r1({ gamma, interval: intervals.D }), pathLength({ weight, interval: intervals.G })];
  if (args.net === 'nvidia') return losses;
  const align = alignAttention({
    extractor: gradCam({ targets: ['b8', 'b16', 'b32'], preset: 'reference' }),
    loss: l1Alignment({ reading: 'reference' }),
    resolutionOf: (target) => Number(target.slice(1)) / 2,
  });
  return [...losses, align];
}

/** The case's networks. */
function networksOf(golden: GoldenCase) {
  const { net } = golden.args as { net: string };
  const G = generatorOf({ net, ctor: golden.args.G }, golden.role('G').weights);
  const D = discriminatorOf({ ctor: golden.args.D }, golden.role('D').weights);
  return { generator: G.model as GeneratorModel, discriminator: D.model as DiscriminatorModel, G: G.params as ParamTree, D: D.params as ParamTree };
}

function inputsOf(golden: GoldenCase, z: Tensor): GeneratorInputs {
  const noise = golden.inputs['pl_noise'];
  return {
    z: z as GeneratorInputs['z'],
    layouts: [],
    heatmaps: golden.args.net === 'nvidia' ? new Map() : pyramidOf(golden.inputs),
    rng: { ...createRng(0), split: (label) => (label === 'loss' ? givenNoise(noise && toNhwc(noise)) : createRng(0).split(label)) },
    noiseMode: 'const',
  };
}

/** Mean, population standard deviation and the first eight values of each parameter, in PyTorch's layout. */
function digests(prefix: string, tree: ParamTree, isBuffer: (path: string) => boolean): Record<string, Tensor> {
  const leaves = [...flattenParams(tree)].filter(([path]) => !isBuffer(path));
  return Object.fromEntries(
    leaves.map(([path, leaf]) => {
      const { name, value } = toPyTorchLayout(path, leaf);
      const flat = reshape(value, [leaf.size]);
      const average = mean(flat);
      const deviation = sqrt(mean(square(sub(flat, average))));
      const head = slice(flat, [0], [Math.min(8, leaf.size)]);
      return [`${prefix}.${name}`, concat([reshape(average, [1]), reshape(deviation, [1]), head])];
    }),
  );
}

/** Reports D's scores without being a loss. */
const probe: DiscriminatorLoss<void> = {
  name: 'probe',
  network: 'D',
  weight: 0,
  compute(opened, { report }) {
    report('Loss/scores/real', opened.realScore().scores);
    return { loss: scalar(0) };
  },
};
const probeFake: DiscriminatorLoss<void> = {
  ...probe,
  name: 'probeFake',
  compute(opened, { report }) {
    report('Loss/scores/fake', opened.fakeScore().scores);
    return { loss: scalar(0) };
  },
};

/** One value per sample, or their mean where the case stores one number. */
const atSizeOf = (value: Tensor, size: number): Tensor => (value.size === size ? value : mean(value));

/** What the official code logs under its own names, from what our losses report. */
function reported(reports: readonly (readonly [string, Tensor | number])[], loss: { r1_gamma: number; pl_weight: number }): Record<string, Tensor> {
  const by = new Map(reports) as Map<string, Tensor>;
  const out: Record<string, Tensor | undefined> = {
    logits_fake: by.get('Loss/scores/fake'),
    logits_real: by.get('Loss/scores/real'),
    loss_G_per_sample: by.get('Loss/G/adversarial'),
    loss_D_per_sample: by.get('Loss/D/adversarial'),
    align_loss: by.get('Loss/G/align'),
    r1_penalty: by.get('Loss/r1_penalty'),
  };
  const penalty = by.get('Loss/pl_penalty');
  if (penalty) Object.assign(out, { pl_penalty: penalty, loss_pl: mul(penalty, loss.pl_weight), pl_mean_after: by.get('Loss/pl_mean') });
  return Object.fromEntries(Object.entries(out).flatMap(([name, value]) => (value ? [[name, value] as const] : [])));
}

/** One phase: losses, gradients and, where the case asks, one step of Adam and of the average. */
const phase: Runner = (golden) => {
  const { args, inputs } = golden;
  const name = args.phase as 'Gmain' | 'Greg' | 'Dmain' | 'Dreg';
  const networks = networksOf(golden);
  const network = name.startsWith('G') ? 'G' : 'D';
  const lazy = name.endsWith('reg');
  const losses = lossesOf(golden, { G: 4, D: 16 }).filter((loss) => loss.network === network && ((loss.interval ?? 1) > 1) === lazy);
  const trainable = trainableOf(networks, network);
  const generated = inputs['z'] ? inputsOf(golden, inputs['z']) : undefined;
  const made = name === 'Dmain' ? generate(networks.generator, networks.G, generated!) : undefined;
  const evaluation = evaluateLosses({
    losses: [...losses, ...(name === 'Dmain' ? [probe, probeFake] : name === 'Dreg' ? [probe] : [])],
    params: networks[network],
    trainable,
    states: new Map([['pathLength', { plMean: inputs['pl_mean'] ?? scalar(0) }]]),
    kimg: 0,
    gain: args.gain as number,
    open: () => {
      if (network === 'G') {
        const { phase: opened, observed } = createGeneratorPhase(networks, generated!);
        return { phase: opened, keep: () => ({ ws: observed() }) };
      }
      const real = toNhwc(inputs['real']!);
      return { phase: createDiscriminatorPhase(networks, { real, fake: () => made!.images, rng: createRng(0) }) };
    },
  });
  const ws = (evaluation.kept['ws'] ?? made?.unmixedWs) as never;
  const wAvg = ws === undefined ? undefined : networks.generator.updateBuffers!(networks.G, ws).get('mapping.wAvg');
  return {
    ...Object.fromEntries(
      Object.entries(reported(evaluation.reports, args.loss)).map(([key, value]) => {
        const size = golden.outputs[key]?.data.length ?? value.size;
        return [key, atSizeOf(value, size)];
      }),
    ),
    ...(wAvg ? { w_avg_after: wAvg } : {}),
    ...gradientOutputs(evaluation.grads, Object.keys(golden.outputs)),
    ...(args.adam ? stepped(golden, networks[network], evaluation.grads, trainable) : {}),
  };
};

function stepped(golden: GoldenCase, params: ParamTree, grads: ReadonlyMap<string, Tensor>, trainable: (path: string) => boolean): Record<string, Tensor> {
  const { adam: options, ema } = golden.args as { adam: AdamOptions; ema: { batch_size: number; ema_nimg: number } };
  const optimizer = adam(options);
  const next = optimizer.update(params, grads, optimizer.init(params, trainable)).params;
  const isBuffer = (path: string): boolean => !trainable(path);
  const beta = emaBeta({ kimg: ema.ema_nimg / 1000, rampup: null }, ema.batch_size, 0);
  const average = emaUpdate(params, next, { beta, isBuffer });
  return { ...digests('param_digest', next, isBuffer), ...digests('ema_digest', average, isBuffer) };
}

/** Reports under the iteration they were made in; read when it is over, as webgpu cannot read at once in Node. */
function recorder(): StatCollector & { take(): Promise<ReadonlyMap<string, number>> } {
  const values = new Map<string, Tensor | number>();
  return {
    ...createStatCollector(),
    report: (name, value) => {
      dispose(values.get(name));
      values.set(name, typeof value === 'number' ? value : keep(tidy(() => mean(value))));
    },
    async take() {
      const taken = new Map<string, number>();
      for (const [name, value] of values) taken.set(name, typeof value === 'number' ? value : (await value.data())[0]!);
      dispose([...values.values()]);
      values.clear();
      return taken;
    },
  };
}

const at = (x: Tensor, ...index: number[]): Tensor => {
  const begin = [...index, ...x.shape.slice(index.length).map(() => 0)];
  const size = [...index.map(() => 1), ...x.shape.slice(index.length)];
  return reshape(slice(x, begin, size), x.shape.slice(index.length));
};

/** Some iterations of the whole loop: the trainer's own step with the case's draws. */
const trainSteps: Runner = async (golden) => {
  const { args, inputs } = golden;
  const networks = networksOf(golden);
  const intervals = { G: args.G_reg_interval as number, D: args.D_reg_interval as number };
  const options = { lr: args.lr, betas: args.betas, eps: args.eps } as AdamOptions;
  const optimizers = { G: adam({ ...options, lazyInterval: intervals.G }), D: adam({ ...options, lazyInterval: intervals.D }) };
  const losses = lossesOf(golden, intervals);
  const copy = (tree: ParamTree): ParamTree => withLeaves(tree, new Map([...flattenParams(tree)].map(([path, leaf]) => [path, leaf.clone()])));
  const state: TrainerState = {
    G: networks.G, D: networks.D, gEma: copy(networks.G),
    adamG: optimizers.G.init(networks.G, trainableOf(networks, 'G')),
    adamD: optimizers.D.init(networks.D, trainableOf(networks, 'D')),
    losses: new Map([['pathLength', { plMean: scalar(0) }]]),
    step: 0,
    images: args.cur_nimg as number,
  };
  const setup: TrainingSetup = {
    ...networks, losses, optimizers, styleMixingProb: 0, noiseMode: 'const',
    sampler: { name: 'given', sample: () => ({ version: 1, levels: [] }) },
    renderer: { render: () => new Map() },
    ema: { kimg: args.ema_kimg, rampup: args.ema_rampup },
  };
  const stats = recorder();
  const passes = createPhasePasses();
  const outputs: Record<string, Tensor | number> = {};
  const factors: Readonly<Record<string, number>> = { pl: args.loss.pl_weight }; // the official log has the weight in it
  const phases = ['Gmain', 'Greg', 'Dmain', 'Dreg'];
  for (let i = 0; i < (args.iters as number); i++) {
    await trainStep({
      setup, state, stats, observer: {}, evaluator: passes, rng: createRng(0),
      batch: { images: toNhwc(inputs['real']!) },
      draw: (name) => inputsOf(golden, at(inputs['z']!, i, phases.indexOf(name))),
    });
    const means = await stats.take();
    const names = {
      loss_G: 'Loss/G/adversarial', align: 'Loss/G/align', loss_D: 'Loss/D/adversarial', pl: 'Loss/pl_penalty', r1: 'Loss/r1_penalty',
    };
    for (const [output, name] of Object.entries(names)) if (means.has(name)) outputs[`${output}_${i}`] = means.get(name)! * (factors[output] ?? 1);
  }
  passes.dispose();
  const sample = (params: ParamTree): Tensor => {
    const drawn = inputsOf(golden, at(inputs['z']!, 0, 0));
    return toNchw(slice(generate(networks.generator, params, drawn).images, 0, 1) as Tensor4D);
  };
  return {
    ...outputs,
    pl_mean: flattenParams(state.losses.get('pathLength')!).get('plMean')!,
    w_avg: flattenParams(state.G).get('mapping.wAvg')!,
    ema_w_avg: flattenParams(state.gEma).get('mapping.wAvg')!,
    img: sample(state.G),
    img_ema: sample(state.gEma),
  };
};

const ema: Runner = ({ args, inputs }) => {
  const beta = emaBeta({ kimg: args.ema_kimg, rampup: args.ema_rampup }, args.batch_size, args.cur_nimg);
  return { beta, p_ema: emaUpdate({ p: inputs['p_ema']! }, { p: inputs['p']! }, { beta, isBuffer: () => false }).p };
};

/** p after each of the measured signs, one after the other. */
const ada: Runner = ({ args, inputs }) => {
  const options = { target: args.target, batch: args.batch_size, interval: args.ada_interval, kimg: args.ada_kimg };
  let p = inputs['p']!.dataSync()[0]!;
  return { p: [...inputs['mean_sign']!.dataSync()].map((sign) => (p = adaHeuristic(p, sign, options))) };
};

export const runners: Readonly<Record<string, Runner>> = { phase, train_steps: trainSteps, ema, ada_heuristic: ada };
