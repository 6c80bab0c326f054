import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { root } from './publicPackages.js';

const copy = mkdtempSync(join(tmpdir(), 'spatialgan-release-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Record<string, string>;
}
const git = (...args: string[]): string => execFileSync('git', args, { cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

it('versions the packages by their changesets: each note is used up, written to a changelog, and passed on to dependents', () => {
  const manifests = execFileSync('git', ['ls-files', '*package.json', '.changeset'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  for (const file of manifests) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  cpSync(join(root, 'package-lock.json'), join(copy, 'package-lock.json'));
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '-q', '-m', 'before the release');
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules')); // changesets looks for its changelog writer there
  const notes = readdirSync(join(copy, '.changeset')).filter((file) => file.endsWith('.md') && file !== 'README.md');
  const named = new Set(notes.flatMap((file) => [...readFileSync(join(copy, '.changeset', file), 'utf8').matchAll(/^['"](@?[\w/-]+)['"]: (?:major|minor|patch)$/gm)].map(([, name]) => name!)));
  const out = execFileSync(process.execPath, [join(root, 'node_modules/@changesets/cli/bin.js'), 'version'], { cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  expect(out).not.toMatch(/error/i);
  expect(readdirSync(join(copy, '.changeset')).filter((file) => notes.includes(file))).toEqual([]);
  const released = readdirSync(join(copy, 'packages'))
    .map((folder) => ({ folder, ...(JSON.parse(readFileSync(join(copy, 'packages', folder, 'package.json'), 'utf8')) as Manifest) }))
    .filter((manifest) => !manifest.private);
  const versions = new Map(released.map(({ name, version }) => [name, version]));
  for (const { folder, name, dependencies = {} } of released) {
    if (named.has(name)) expect(existsSync(join(copy, 'packages', folder, 'CHANGELOG.md'))).toBe(true);
    for (const [other, range] of Object.entries(dependencies)) if (versions.has(other)) expect(`${name} → ${other}: ${range}`).toBe(`${name} → ${other}: ^${versions.get(other)}`);
  }
  expect([...named].filter((name) => versions.get(name) === '0.0.0')).toEqual([]);
}, 120_000);
