import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { webgpu } from '@spatialgan/backends/webgpu';
import type { Backend, TrainerContext, TrainerPlugin, TrainingSnapshot } from '@spatialgan/core';
import { batchStream, memoryDataset, type BatchCursor } from '@spatialgan/data';
import { buildModel, extractorOf, lossesOf, presetConfig, writeModel } from '@spatialgan/model';
import { createTrainer, snapshotSheet, type Trainer } from '@spatialgan/trainer';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import type { News, Order, RunSettings, Tick, Wanted } from './messages.js';
import { keepRun, keptRun, type KeptRun } from './runStore.js';

const resolution = 32;
const at = (url: string): string => new URL(url, import.meta.url).href;
const wasmPaths = { 'tfjs-backend-wasm.wasm': at(plain), 'tfjs-backend-wasm-simd.wasm': at(simd), 'tfjs-backend-wasm-threaded-simd.wasm': at(threads) };
const scope = self as unknown as Worker;
const tell = (news: News, transfer: Transferable[] = []): void => scope.postMessage(news, transfer);

const configOf = ({ channelMax, batch }: RunSettings) =>
  presetConfig('paper', { imgResolution: resolution, batch, channelMax, latentDim: Math.min(64, channelMax * 2), channelBase: resolution * channelMax });

/** A run in this Worker. */
interface Running {
  readonly settings: RunSettings;
  readonly trainer: Trainer;
  keep(): Promise<TrainingSnapshot>;
}
let running: Running | undefined;
let resting = new AbortController();

/** Asked for by name WebGPU may be a processor's, which is slow: for a look, and for tests. */
const backendsFor = (wanted: Wanted): readonly Backend[] =>
  ({ webgpu: [webgpu({ allowSoftware: true })], wasm: [wasm({ wasmPaths })], best: [webgpu(), wasm({ wasmPaths })] })[wanted ?? 'best'];

type Opening = Omit<KeptRun, 'snapshot'> & { readonly snapshot?: TrainingSnapshot; readonly wanted: Wanted };

async function open({ settings, images, snapshot, ticks: before, wanted }: Opening): Promise<Running> {
  const { backend, reason } = await createRuntime({ prefer: backendsFor(wanted) });
  const { model: config, training } = configOf(settings);
  const model = buildModel(config);
  const { generator, discriminator, sampler, renderer } = model;
  const ticks: Tick[] = [...before];
  const cursor = snapshot?.state.cursor as BatchCursor | undefined;
  const data = batchStream(memoryDataset({ resolution, images }), { batch: settings.batch, seed: settings.seed, mirror: settings.mirror, ...(cursor ? { cursor } : {}) });
  const keep = async (): Promise<TrainingSnapshot> => {
    const kept = await trainer.save();
    await keepRun({ settings, images, snapshot: kept, ticks });
    tell({ type: 'kept', kimg: trainer.kimg });
    return kept;
  };
  const extractor = extractorOf(training.alignment!);
  const sheet = async ({ step, params }: TrainerContext): Promise<void> => {
    const { pixels, width, height } = await snapshotSheet({ generator, discriminator, sampler, renderer, extractor, seed: settings.seed, count: 4 }, { G: params.gEma, D: params.D });
    const names = ['image', 'whole', 'parts', 'details', ...extractor.targets.map((target) => `looks ${target}`)];
    tell({ type: 'sheet', step, pixels, width, height, columns: names }, [pixels.buffer]);
  };
  let [shown, kept, began, beganAt] = [0, performance.now(), performance.now(), 0];
  const watch: TrainerPlugin = {
    name: 'page',
    async onStart(context) {
      [began, beganAt] = [performance.now(), context.kimg];
      if (shown === 0) await sheet(context);
      shown = performance.now();
    },
    onTick({ kimg, stats }) {
      const tick = { kimg, losses: stats };
      ticks.push(tick);
      tell({ type: 'tick', tick });
    },
    async onStep(context) {
      const { step, kimg } = context;
      tell({ type: 'step', step, kimg, imagesPerSecond: ((kimg - beganAt) * 1e6) / (performance.now() - began) });
      if (performance.now() - shown > 3000) {
        await sheet(context);
        shown = performance.now();
      }
      if (performance.now() - kept > 10_000) {
        await keep();
        kept = performance.now();
      }
      // Lets the page's messages in: a step alone never leaves the queue of promises.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    onEnd: sheet,
  };
  const trainer = createTrainer({
    generator, discriminator, sampler, renderer, data, seed: settings.seed, losses: lossesOf(training, model), ema: training.ema,
    optimizer: { G: { lr: training.lrG }, D: { lr: training.lrD } }, styleMixingProb: training.styleMixingProb, noiseMode: training.noiseMode,
    kimgPerTick: (2 * settings.batch) / 1000, plugins: [watch], divergence: { policy: 'skip' },
  });
  if (snapshot) trainer.restore(snapshot);
  tell({ type: 'ready', backend: `${backend} (${reason})`, settings, ticks });
  return { settings, trainer, keep };
}

/** Trains until the goal or a pause; the run is kept then. */
async function train({ trainer, settings, keep }: Running): Promise<void> {
  resting = new AbortController();
  const { reason } = await trainer.run({ kimg: settings.kimg, signal: resting.signal });
  await keep();
  tell({ type: 'resting', finished: reason === 'finished' });
}

async function exported({ trainer, settings }: Running): Promise<Uint8Array> {
  const { groups } = await trainer.save();
  const provenance = { trainedIn: 'a browser tab', seed: settings.seed, kimg: trainer.kimg, data: "the user's images" };
  return writeModel({ config: configOf(settings).model, G: groups['gEma']!, D: groups['D']!, provenance });
}

async function obey(order: Order): Promise<void> {
  if (order.type === 'pause') return resting.abort();
  if (order.type === 'start') running = await open({ ...order, ticks: [] });
  if (order.type === 'resume') {
    const run = await keptRun();
    if (!run) throw new Error('no run is kept any more; start a new one');
    running = await open({ ...run, wanted: order.wanted });
  }
  if (!running) return;
  if (order.type === 'export') {
    const bytes = await exported(running);
    return tell({ type: 'model', bytes }, [bytes.buffer]);
  }
  await train(running);
}

scope.addEventListener('message', ({ data }) => {
  obey(data as Order).catch((error: unknown) => tell({ type: 'error', message: error instanceof Error ? error.message : String(error) }));
});
