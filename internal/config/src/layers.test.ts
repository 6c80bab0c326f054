import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { house } from './eslint.js';
import { folderOf, layerOf, layerViolation, npmNameOf } from './layers.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function complaints(path: string, code: string): string[] {
  const linter = new Linter({ cwd: root });
  return linter.verify(code, house as Linter.Config[], { filename: `${root}${path}` }).map((m) => `${m.ruleId}: ${m.message}`);
}

describe('the lint of layers', () => {
  it.each([
    ['static', "import { biasAct } from '@spatialgan/ops';\nexport const x = biasAct;"],
    ['type-only', "import type { Activation } from '@spatialgan/ops';\nexport type A = Activation;"],
    ['dynamic', "export const x = () => import('@spatialgan/ops');"],
    ['re-exporting', "export { biasAct } from '@spatialgan/ops';"],
    ['star re-exporting', "export * from '@spatialgan/ops/wasm';"],
    ['inline type', "export type A = import('@spatialgan/ops').Activation;"],
  ])('reports a %s import of a higher layer', (_kind, code) => {
    expect(complaints('packages/core/src/a.ts', code)).toEqual([expect.stringContaining('house/layers')]);
    expect(complaints('packages/sel/src/a.ts', code)).toEqual([]);
  });

  it.each([
    ['a sibling', 'packages/sel/src/a.ts', '@spatialgan/heatmap'],
    ['a forbidden edge', 'packages/trainer/src/a.ts', '@spatialgan/stylegan2'],
    ['more than a foreign-friendly package may', 'packages/gradcam/src/a.ts', '@spatialgan/ops'],
    ['core from the editor SDK', 'packages/editor-sdk/src/a.ts', '@spatialgan/core'],
    ['tfjs from the editor SDK', 'packages/editor-sdk/src/a.ts', '@tensorflow/tfjs-core'],
    ['the tfjs union', 'packages/ops/src/a.ts', '@tensorflow/tfjs'],
    ['a file of another package', 'packages/sel/src/a.ts', '../../core/src/index.js'],
    ['an internal package', 'packages/sel/src/a.ts', '@spatialgan-internal/test-kit'],
    ['an internal package from an example', 'examples/custom-parts/src/a.ts', '@spatialgan-internal/test-kit'],
    ['a package outside the table', 'packages/sel/src/a.ts', '@spatialgan/unheard-of'],
    ['itself by name', 'packages/sel/src/a.ts', '@spatialgan/sel'],
  ])('reports an import of %s', (_what, path, specifier) => {
    expect(complaints(path, `import '${specifier}';`)).toEqual([expect.stringContaining('house/layers')]);
  });

  it('lets tests use the test kit, and private packages import everything', () => {
    expect(complaints('packages/sel/src/a.test.ts', "import '@spatialgan-internal/test-kit';")).toEqual([]);
    expect(complaints('internal/goldens/src/a.ts', "import '@spatialgan/model';")).toEqual([]);
  });
});

describe('the lint of style', () => {
  it.each([
    ['a default export', 'export default 1;'],
    ['an enum', 'export enum Color { red }'],
    ['a namespace', 'export namespace a { export const b = 1; }'],
    ['printing in a library', "console.log('hi');"],
    ['a value import used as a type', "import { Rng } from '@spatialgan/core';\nexport type A = Rng;"],
    ['any outside a list of plugins', 'export const f = (x: any): unknown => x;'],
  ])('reports %s', (_what, code) => {
    expect(complaints('packages/sel/src/a.ts', code)).toHaveLength(1);
  });

  it('allows open sets and plugins of any parameters', () => {
    const code = "import type { SpatialEncoder } from '@spatialgan/core';\ndeclare module '@spatialgan/core' { interface A { b: 1 } }\nexport type E = readonly SpatialEncoder<any>[];";
    expect(complaints('packages/sel/src/a.ts', code)).toEqual([]);
  });
});

describe('the table of layers', () => {
  const folders = readdirSync(`${root}packages`).filter((name) => existsSync(`${root}packages/${name}/package.json`));

  it('names every package', () => {
    expect(folders.filter((folder) => layerOf[folder] === undefined)).toEqual([]);
  });

  it.each(folders)('holds for the dependencies that %s declares', (folder) => {
    const manifest = JSON.parse(readFileSync(`${root}packages/${folder}/package.json`, 'utf8'));
    expect(manifest.name).toBe(npmNameOf(folder));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const wrong = declared.map(folderOf).flatMap((to) => (to === null ? [] : (layerViolation(folder, to) ?? [])));
    expect(wrong).toEqual([]);
    expect(declared.filter((name) => name.startsWith('@spatialgan-internal/'))).toEqual([]);
  });
});
