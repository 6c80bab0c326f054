import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dispose, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { encodeModel } from '@spatialgan/checkpoint';
import { createRng, disposeParams, type ParamData, readParams, valueAndGrad } from '@spatialgan/core';
import { initSmall, smallFeatures, type SmallParams } from '@spatialgan/metrics/small';
import { registerGradients } from '@spatialgan/ops';
import { adam } from '@spatialgan/trainer';
import { foldNormalization } from './batchNormalized.js';
import { degradations } from './degradations.js';
import { type Batch, batchOf, headSizes, initHeads, type Learner, objective } from './objective.js';
import { drawExample, type Example, trainingSources } from './trainingImages.js';

const usage = `usage: npm run extractor:train -- [--out packages/metrics/extractor] [--steps 3000] [--batch 32] [--seed 1] [--lr 0.002]

Trains the small feature extractor of @spatialgan/metrics on the images that this repository can draw, and writes
small.safetensors, config.json and log.jsonl. About 40 minutes of one core.`;

const { values: args } = parseArgs({
  options: {
    out: { type: 'string', default: 'packages/metrics/extractor' }, steps: { type: 'string', default: '3000' }, batch: { type: 'string', default: '32' },
    seed: { type: 'string', default: '1' }, lr: { type: 'string', default: '0.002' }, help: { type: 'boolean', default: false },
  },
});
if (args.help) {
  console.log(usage);
  process.exit(0);
}
const [steps, batchSize, seed, peakLr] = [Number(args.steps), Number(args.batch), Number(args.seed), Number(args.lr)];

const runtime = await createRuntime({ prefer: [wasm()] });
registerGradients();
const sources = await trainingSources(seed, console.log);
const sizes = headSizes(sources.length, Object.keys(degradations).length);
const root = createRng(seed).split('extractor');
let learner: Learner = { network: initSmall(root.split('network')), heads: initHeads(root.split('heads'), sizes) };
let moments = adam({ lr: peakLr }).init(learner, () => true);
mkdirSync(args.out, { recursive: true });
const logPath = join(args.out, 'log.jsonl');
writeFileSync(logPath, '');

const examples = (step: number): Promise<readonly Example[]> =>
  Promise.all(Array.from({ length: batchSize }, (_, i) => drawExample(sources, seed, step * batchSize + i)));

/** Warms up over 100 steps, then falls to 0 along a cosine. */
const lrAt = (step: number): number => peakLr * Math.min(1, (step + 1) / 100) * 0.5 * (1 + Math.cos((Math.PI * step) / steps));

function update(batch: Batch, step: number): Promise<Readonly<Record<string, number>>> {
  const { loss, grads, aux } = valueAndGrad(() => objective(learner, batch), learner);
  const [before, old] = [learner, moments];
  const next = adam({ lr: lrAt(step), betas: [0.9, 0.999] }).update(learner, grads, moments);
  [learner, moments] = [next.params, next.state];
  disposeParams(before);
  dispose([...old.m.values(), ...old.v.values(), ...grads.values()]);
  return Promise.all(Object.entries({ loss, ...aux }).map(async ([name, value]): Promise<[string, number]> => {
    const [number] = await value.data();
    value.dispose();
    return [name, number!];
  })).then(Object.fromEntries);
}

/** 1 / standard deviation of every feature over fresh examples, spoiled ones too, so that each counts alike in a distance. */
async function featureScale(network: SmallParams, images: Tensor4D): Promise<Float32Array> {
  const features = smallFeatures(network, images);
  const rows = (await features.array()) as number[][];
  features.dispose();
  return Float32Array.from(rows[0]!, (_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length;
    const std = Math.sqrt(rows.reduce((sum, row) => sum + (row[j]! - mean) ** 2, 0) / rows.length);
    return std > 1e-6 ? 1 / std : 0;
  });
}

async function save(step: number): Promise<void> {
  const seen = await Promise.all(Array.from({ length: 512 }, (_, i) => drawExample(sources, seed, 2 * steps * batchSize + i)));
  const batch = batchOf(seen);
  const network = foldNormalization(learner.network, batch.images);
  const scale = await featureScale(network, batch.images);
  dispose(Object.values(batch) as Tensor[]);
  const config = {
    format: 1, name: 'spatialgan-small', seed, steps: step, batch: batchSize, lr: peakLr,
    command: `npm run extractor:train -- --steps ${steps} --batch ${batchSize} --seed ${seed} --lr ${peakLr}`,
    sources: sources.map(({ name, dataset }) => ({ name, images: dataset.length })),
    degradations: Object.keys(degradations),
    licences: [...new Set(sources.flatMap(({ dataset }) => dataset.licences ?? []))],
  };
  const params = new Map<string, ParamData>([...(await readParams(network)), ['scale', { shape: [scale.length], data: scale }]]);
  writeFileSync(join(args.out, 'small.safetensors'), encodeModel({ config, params, dtype: 'F16' }));
  writeFileSync(join(args.out, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  console.log(`saved at step ${step}: ${scale.filter((s) => s > 0).length} live features`);
  disposeParams(network);
}

const begun = performance.now();
let sums: Record<string, number> = {};
for (let step = 0; step < steps; step++) {
  const batch = batchOf(await examples(step));
  const parts = await update(batch, step);
  dispose(Object.values(batch) as Tensor[]);
  for (const [name, value] of Object.entries(parts)) sums[name] = (sums[name] ?? 0) + value;
  if ((step + 1) % 25 === 0) {
    const line = { step: step + 1, seconds: Math.round((performance.now() - begun) / 1000), ...Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Number((sum / 25).toPrecision(4))])) };
    appendFileSync(logPath, `${JSON.stringify(line)}\n`);
    console.log(JSON.stringify(line));
    sums = {};
  }
  if ((step + 1) % 500 === 0 || step + 1 === steps) await save(step + 1);
}
disposeParams(learner);
dispose([...moments.m.values(), ...moments.v.values()]);
for (const { dataset } of sources) dataset.dispose?.();
runtime.dispose();
