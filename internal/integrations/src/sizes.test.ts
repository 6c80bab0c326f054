import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, inject, it } from 'vitest';
import { publicPackages, root } from './publicPackages.js';

// docs/guides/sizes.md is the budget: what one imports, and its kilobytes.
const scratch = inject('scratch');
const page = readFileSync(join(root, 'docs/guides/sizes.md'), 'utf8');
const rows = [...page.matchAll(/^\| `(@spatialgan\/[^`]+)`(?: \((.+)\))? \| ([\d.]+)(?: \+ ([\d.]+))? \|/gm)].map(([, entry, names, kB, later]) => ({
  entry: entry!, names: [...(names ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name!), kB: Number(kB), later: Number(later ?? 0),
}));

/** Gzipped kilobytes of a bundle without TensorFlow.js and frameworks: what loads at once, and what loads when it is asked for. */
async function sizeOf(entry: string, names: readonly string[]): Promise<{ readonly kB: number; readonly later: number }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export ${names.length > 0 ? `{ ${names} }` : '*'} from '${entry}';`, resolveDir: scratch },
    bundle: true, minify: true, format: 'esm', platform: 'browser', splitting: true, outdir: '/out', write: false, metafile: true, legalComments: 'none', logLevel: 'error',
    external: ['@tensorflow/*', 'react', 'vue', 'webgpu', 'node:*', ...builtinModules],
  });
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const bytes = new Map(outputFiles.map(({ path, contents }) => [basename(path), gzipSync(contents, { level: 9 }).length]));
  const atOnce = new Set<string>();
  const follow = (file: string): void => {
    if (atOnce.has(file)) return;
    atOnce.add(file);
    for (const { path, kind, external } of outputs.get(file)!.imports) if (!external && kind === 'import-statement') follow(basename(path));
  };
  follow('stdin.js');
  const sum = (when: boolean): number => [...bytes].reduce((total, [file, size]) => total + (atOnce.has(file) === when ? size : 0), 0) / 1000;
  return { kB: sum(true), later: sum(false) };
}

it('is at most 15 % above what the guide says, and not far below', async () => {
  const measured = await Promise.all(rows.map(async (row) => ({ ...row, got: await sizeOf(row.entry, row.names) })));
  console.table(Object.fromEntries(measured.map(({ entry, names, kB, later, got }) => [`${entry} ${names}`, { kB: got.kB.toFixed(1), later: got.later.toFixed(1), guide: `${kB} + ${later}` }])));
  const differs = (got: number, said: number): boolean => got > 1.15 * said + 0.3 || got < 0.7 * said - 0.3;
  const wrong = measured.filter(({ kB, later, got }) => differs(got.kB, kB) || differs(got.later, later));
  expect(wrong.map(({ entry, names, kB, later, got }) => `${entry} ${names}: ${got.kB.toFixed(1)} + ${got.later.toFixed(1)} kB, and docs/guides/sizes.md says ${kB} + ${later}`)).toEqual([]);
});

it('the guide has a row for each package that runs in a page', () => {
  const told = new Set(rows.map(({ entry }) => entry));
  expect(publicPackages().map(({ name }) => name).filter((name) => !told.has(name))).toEqual(['spatialgan', '@spatialgan/studio']);
});
