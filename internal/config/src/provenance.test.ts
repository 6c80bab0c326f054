import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(join(root, 'docs/guides/licences.md'), 'utf8');
const binary = /\.(png|gif|jpe?g|webp|avif|ico|svg|wasm|safetensors|pkl|pth?|npz?|onnx|bin|zip|gz|mp4|webm|ttf|otf|woff2?|pdf)$/;

/** The first cells of the table rows, as the regular expressions that their stars stand for. */
const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(([, first, second]) => ({ first: first!, second: second!.trim() }));
const patternOf = (glob: string): RegExp => new RegExp(`^${glob.replace(/[.+]/g, '\\$&').replace(/\*/g, '[^/]+')}$`);

interface Manifest {
  readonly private?: boolean;
  readonly license?: string;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}
const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

describe('docs/guides/licences.md', () => {
  it('names where each bundled binary, picture and model is from', () => {
    const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter((file) => binary.test(file));
    expect(files.length).toBeGreaterThan(10);
    const patterns = rows.filter(({ first }) => first.includes('/') && !first.startsWith('@')).map(({ first }) => patternOf(first));
    expect(files.filter((file) => !patterns.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(patterns.filter((pattern) => binary.test(pattern.source.replace(/\$$/, '')) && !files.some((file) => pattern.test(file)))).toEqual([]);
  });

  it('names each library that the published packages need, with its licence', () => {
    const used = readdirSync(join(root, 'packages'))
      .map((name) => join(root, 'packages', name))
      .filter((folder) => existsSync(join(folder, 'package.json')))
      .flatMap((folder) => {
        const { private: hidden, dependencies = {}, peerDependencies = {} } = manifestIn(folder);
        return hidden ? [] : Object.keys({ ...dependencies, ...peerDependencies });
      });
    const foreign = [...new Set(used)].filter((name) => !/^(@spatialgan\/|spatialgan$)/.test(name)).sort();
    const told = new Map(rows.map(({ first, second }) => [first, second]));
    expect(foreign.filter((name) => !told.has(name))).toEqual([]);
    for (const name of foreign) {
      const folder = join(root, 'node_modules', name);
      if (existsSync(folder)) expect(`${name}: ${told.get(name)}`).toBe(`${name}: ${manifestIn(folder).license}`);
    }
  });
});
