import { readFileSync } from 'node:fs';
import { dispose, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, readParams } from '@spatialgan/core';
import { buildModel, createLocalRuntime, loadParams, readModel, type StoredModel } from '@spatialgan/model';
import type { HeatmapLayout, SynthesisRequest } from '@spatialgan/schema';
import type { BenchConfiguration } from './configurations.js';
import { type Cost, interleavedCosts, type Piece } from './timing.js';

/** Images that a piece makes, so that short ones can be timed. */
const IMAGES = 10;

/** A configuration's generator with random parameters, as a file would hold it. */
export async function storedOf({ run }: BenchConfiguration): Promise<StoredModel> {
  const { generator } = buildModel(run.model);
  const params = generator.init(createRng(1));
  const G = await readParams(params);
  disposeParams(params);
  return { config: run.model, G };
}

/** The first region of a level and of all levels after it, moved: a level's regions carry those that follow them. */
const moved = (layout: HeatmapLayout, from: number, by: number): HeatmapLayout => ({
  ...layout,
  levels: layout.levels.map((level, l) => (l < from ? level : {
    ...level, regions: level.regions.map((region, k) => (k > 0 ? region : { ...region, center: { x: region.center.x + by, y: region.center.y } })),
  })),
});

/** What `images` images cost, one by one: by the networks' functions, and by a local runtime's plan after edits of every kind. */
export async function startEdits(stored: StoredModel, images = IMAGES): Promise<{ readonly pieces: Readonly<Record<string, Piece>>; dispose(): Promise<void> }> {
  const model = buildModel(stored.config);
  const { generator, renderer } = model;
  const G = loadParams((rng) => generator.init(rng), stored.G, 'G');
  const runtime = createLocalRuntime(stored);
  const layout = await runtime.sampleLayout(1);
  let turn = 0;
  const fresh = (): SynthesisRequest => ({ latent: { kind: 'seed', seed: turn }, layout: moved(layout, 0, (turn % 50) / 100), truncationPsi: 0.7 });
  const plain = async (): Promise<void> => {
    const request = fresh();
    const image = tidy(() => {
      const heatmaps = renderer.render([request.layout], generator.heatmapResolutions);
      const z = createRng(turn).normalTensor<Tensor>([1, generator.zDim]);
      return generator.synthesize(G, generator.map(G, z as never, { heatmaps, truncationPsi: 0.7 }), { heatmaps, noiseMode: 'const' });
    });
    await image.data();
    dispose(image);
  };
  const edited = (request: () => Partial<SynthesisRequest>) => async (): Promise<void> =>
    void (await runtime.synthesize({ latent: { kind: 'seed', seed: 1 }, layout, ...request() }));
  const repeated = (make: () => Promise<void>): Piece => async () => {
    for (let i = 0; i < images; i++, turn++) await make();
  };
  const levels = layout.levels.map((_, level) => [`level ${level} dragged`, edited(() => ({ layout: moved(layout, level, (turn % 50) / 100) }))] as const);
  const makes: Record<string, () => Promise<void>> = {
    'all new, no plan': plain, 'all new': edited(fresh), ...Object.fromEntries(levels),
    'truncation changed': edited(() => ({ truncationPsi: (turn % 50) / 50 })),
  };
  return {
    pieces: Object.fromEntries(Object.entries(makes).map(([name, make]) => [name, repeated(make)])),
    async dispose() {
      disposeParams(G);
      await runtime.dispose();
    },
  };
}

/** Times the images of configurations and of a model file and prints a table of each. */
export async function compareEdits(configurations: readonly BenchConfiguration[], { rounds, file }: { readonly rounds: number; readonly file: string }): Promise<void> {
  const models: [string, StoredModel][] = [[file, readModel(readFileSync(file))]];
  for (const configuration of configurations) models.push([configuration.name, await storedOf(configuration)]);
  for (const [name, stored] of models) {
    const { pieces, dispose: end } = await startEdits(stored);
    console.log(`${table(name, await interleavedCosts(pieces, rounds))}\n`);
    await end();
  }
}

function table(name: string, costs: Readonly<Record<string, Cost>>): string {
  const first = Object.values(costs)[0]!;
  const rows = Object.entries(costs).map(([piece, { wall, cpu }]) =>
    `| ${piece} | ${(wall / IMAGES).toFixed(2)} | ${(cpu / IMAGES).toFixed(2)} | ${(first.cpu / cpu).toFixed(1)} |`);
  return [`| ${name}, one image | ms | CPU ms | times as fast, by CPU time |`, '|---|--:|--:|--:|', ...rows].join('\n');
}
