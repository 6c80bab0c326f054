import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { importModel, toPyTorch } from '@spatialgan/checkpoint';
import { noTap, type ParamData, type ParamTree, tensorsOf, unflattenParams } from '@spatialgan/core';
import { buildModel, readModel, type StoredModel, writeModel } from '@spatialgan/model';
import type { GoldenCase, Runner } from '../goldenCase.js';
import { toNchw } from '../pytorchLayout.js';
import { pyramidOf } from '../pytorchNetworks.js';

/** What the case says of the networks, by where our configuration says it. */
const stated: Readonly<Record<string, (model: StoredModel) => unknown>> = {
  c_dim: ({ config }) => config.generator.cDim,
  img_resolution: ({ config }) => config.generator.imgResolution,
  z_dim: ({ config }) => config.generator.zDim,
  w_dim: ({ config }) => config.generator.wDim,
  num_layers: ({ config }) => config.generator.mapping?.numLayers,
  channel_base: ({ config }) => config.generator.channelBase,
  channel_max: ({ config }) => config.generator.channelMax,
  use_sel: ({ config }) => config.encoder !== null,
};

function assertStated({ args }: GoldenCase, model: StoredModel): void {
  for (const [name, got] of Object.entries(stated)) {
    const want: unknown = args[name];
    if (want !== undefined && want !== got(model)) throw new Error(`${name}: the case has ${String(want)}, the import recognised ${String(got(model))}`);
  }
}

const paramsOf = (values: ReadonlyMap<string, ParamData>): ParamTree => unflattenParams(tensorsOf(values));

/** Imports a file, writes it as our model file, reads that and gives what is in it and what its networks compute. */
const runImport: Runner = (golden) => {
  const file = readFileSync(join(golden.dir, golden.meta.file ?? 'network.pkl'));
  const imported = importModel(file);
  const model = readModel(writeModel(imported));
  assertStated(golden, model);
  const { generator, discriminator } = buildModel(model.config);
  const { z, c } = golden.inputs as { z: Tensor2D; c?: Tensor2D };
  const context = golden.args.c_dim > 0 && c ? { c } : {};
  const G = paramsOf(model.G);
  const psi: unknown = golden.args.truncation_psi;
  const ws = generator.map(G, z, { ...context, ...(typeof psi === 'number' && { truncationPsi: psi }) });
  const img = generator.synthesize(G, ws, { heatmaps: pyramidOf(golden.inputs), noiseMode: golden.args.noise_mode ?? 'const' });
  const logits = model.D && discriminator.score(paramsOf(model.D), img, noTap, context);
  return { img: toNchw(img), ...(logits && { logits }), ...expectedArrays(golden, file, model) };
};

/** The buffer that PyTorch keeps of taps: their outer product of sum 1. */
function squareFilter(taps: readonly number[] = [1, 3, 3, 1]): Float32Array {
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  return Float32Array.from(taps.flatMap((a) => taps.map((b) => (a * b) / total ** 2)));
}

/** `expect.<role>.<name>`: from our file where we keep it, the filter from our configuration, what we leave out from the import. */
function expectedArrays(golden: GoldenCase, file: Uint8Array, model: StoredModel): Record<string, Float32Array> {
  const wanted = Object.keys(golden.outputs).filter((name) => name.startsWith('expect.'));
  const roles = new Map<string, (name: string) => Float32Array | undefined>();
  const roleOf = (role: string): ((name: string) => Float32Array | undefined) => {
    const source = role === 'D' ? importModel(file) : importModel(file, { generator: role });
    const raw = role === 'D' ? source.arrays.D! : source.arrays.G;
    const kept = toPyTorch(role === 'D' ? model.D! : readModel(writeModel(source)).G);
    const filter = squareFilter(role === 'D' ? model.config.discriminator.resampleFilter : model.config.generator.resampleFilter);
    return (name) => (name.endsWith('resample_filter') ? filter : (kept[name] ?? raw[name])?.data);
  };
  return Object.fromEntries(
    wanted.flatMap((output) => {
      const [, role, ...rest] = output.split('.') as [string, string, ...string[]];
      if (!roles.has(role)) roles.set(role, roleOf(role));
      const found = roles.get(role)!(rest.join('.'));
      return found ? [[output, found]] : [];
    }),
  );
}

/** Runners of imported files. */
export const runners: Readonly<Record<string, Runner>> = { import_pickle: runImport };
