import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { publicPackages, root } from './publicPackages.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A project outside the workspace with every public package installed from its tarball. */
    scratch: string;
    tarballs: Readonly<Record<string, string>>;
  }
}

/** Peers whose install scripts download binaries from outside the registry; nothing here needs them. */
const unreachablePeers = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
const packages = publicPackages();

const npm = (args: readonly string[], cwd: string) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** What the examples need beside our packages and their peers. */
function exampleDependencies(): Record<string, string> {
  const folder = join(root, 'examples');
  const manifests = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> });
  return Object.fromEntries(manifests.flatMap(({ dependencies = {} }) => Object.entries(dependencies)).filter(([name]) => !/^(@spatialgan\/|spatialgan$)/.test(name)));
}

/** Builds and packs every public package: name → tarball. */
function packAll(store: string): Record<string, string> {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(store, { recursive: true });
  const packed = JSON.parse(npm(['pack', '--json', '--pack-destination', store, ...packages.flatMap(({ name }) => ['-w', name])], root)) as { name: string; filename: string }[] | Record<string, { name: string; filename: string }>;
  return Object.fromEntries(Object.values(packed).map(({ name, filename }) => [name, join(store, filename.replace('@', '').replace('/', '-'))]));
}

/** Installs the tarballs as npm does, where the workspace cannot help them. */
function installAll(scratch: string, tarballs: Readonly<Record<string, string>>): void {
  const peers = Object.fromEntries(
    packages.flatMap(({ peers, typesOfPeers }) => Object.entries({ ...peers, ...typesOfPeers })).filter(([name]) => !unreachablePeers.includes(name) && !(name in tarballs)),
  );
  const files = Object.fromEntries(Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`]));
  writeFileSync(
    join(scratch, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module', dependencies: { ...exampleDependencies(), ...files, ...peers } }),
  );
  npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], scratch);
  const models = join(root, 'models');
  if (existsSync(models)) cpSync(models, join(scratch, 'models'), { recursive: true });
}

/** Packs and installs once for all test files. SPATIALGAN_PACKED names a folder to keep that in, and to take it from the next time, as it is. */
export default function setup(project: TestProject): () => void {
  const kept = process.env['SPATIALGAN_PACKED'];
  const scratch = kept ?? mkdtempSync(join(tmpdir(), 'spatialgan-consumer-'));
  mkdirSync(scratch, { recursive: true });
  const list = join(scratch, 'tarballs.json');
  if (!existsSync(list)) {
    const tarballs = packAll(join(scratch, 'tarballs'));
    installAll(scratch, tarballs);
    writeFileSync(list, JSON.stringify(tarballs));
  }
  project.provide('scratch', scratch);
  project.provide('tarballs', JSON.parse(readFileSync(list, 'utf8')) as Record<string, string>);
  return () => kept ?? rmSync(scratch, { recursive: true, force: true });
}
