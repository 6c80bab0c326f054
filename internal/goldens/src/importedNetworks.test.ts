import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { disposeParams, flattenParams, createRng, type ParamData, tensorsOf, noTap, type ParamTree, unflattenParams } from '@spatialgan/core';
import { importModel } from '@spatialgan/checkpoint';
import { buildModel } from '@spatialgan/model';
import { randomNormal, tidy, type Tensor2D, zeros } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { activateForTests } from './activate.js';

const fixtures = ['nvidia.json', 'rosinality.json'].map((name) =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../../packages/checkpoint/test/fixtures/${name}`, import.meta.url)), 'utf8')) as Record<string, string>);
const files = Object.entries({ ...fixtures[0], 'rosinality': fixtures[1]!['file']! }).filter(([name]) => !['stylegan3', 'no networks'].includes(name));

beforeAll(() => activateForTests('cpu'));

const shapesOf = (params: ReadonlyMap<string, { readonly shape: readonly number[] }>): string[] => [...params].map(([path, { shape }]) => `${path} [${shape}]`).sort();

function initial(init: (rng: ReturnType<typeof createRng>) => ParamTree): string[] {
  const params = init(createRng(0));
  const shapes = shapesOf(flattenParams(params));
  disposeParams(params);
  return shapes;
}

const treeOf = (values: ReadonlyMap<string, ParamData>): ParamTree => unflattenParams(tensorsOf(values));

it.each(files)('an import has the parameters of the network that its configuration builds, and runs: %s', (_name, base64) => {
  const { config, G, D } = importModel(new Uint8Array(Buffer.from(base64, 'base64')));
  const { generator, discriminator } = buildModel(config);
  expect(shapesOf(G)).toEqual(initial((rng) => generator.init(rng)));
  if (D) expect(shapesOf(D)).toEqual(initial((rng) => discriminator.init(rng)));
  const { zDim, cDim, imgResolution } = config.generator;
  tidy(() => {
    const context = cDim > 0 ? { c: zeros<any>([2, cDim]) as Tensor2D } : {};
    const params = treeOf(G);
    const img = generator.synthesize(params, generator.map(params, randomNormal([2, zDim]) as Tensor2D, context), { heatmaps: new Map(), noiseMode: 'const' });
    expect(img.shape).toEqual([2, imgResolution, imgResolution, 3]);
    expect(img.dataSync().every(Number.isFinite)).toBe(true);
    if (D) expect(discriminator.score(treeOf(D), img, noTap, context).dataSync().every(Number.isFinite)).toBe(true);
  });
});
