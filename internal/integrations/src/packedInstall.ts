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

const npm = (args: readonly string[], cwd: string) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** What the examples need beside our packages and their peers. */
function exampleDependencies(): Record<string, string> {
  const folder = join(root, 'examples');
  const manifests = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> });
  return Object.fromEntries(manifests.flatMap(({ dependencies = {} }) => Object.entries(dependencies)).filter(([name]) => !/^(@spatialgan\/|spatialgan$)/.test(name)));
}

/** Builds and packs every public package and installs the tarballs where the workspace cannot help them. */
export default function setup(project: TestProject): () => void {
  const packages = publicPackages();
  execFileSync('npx', ['nx', 'run-many', '-t', 'build', '--output-style=static'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const scratch = mkdtempSync(join(tmpdir(), 'spatialgan-consumer-'));
  const store = join(scratch, 'tarballs');
  mkdirSync(store);
  const tarballs: Record<string, string> = {};
  for (const { name, folder } of packages) {
    const [packed] = Object.values(JSON.parse(npm(['pack', '--json', '--pack-destination', store], folder))) as { filename: string }[];
    tarballs[name] = join(store, packed!.filename.replace('@', '').replace('/', '-'));
  }
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
  project.provide('scratch', scratch);
  project.provide('tarballs', tarballs);
  return () => rmSync(scratch, { recursive: true, force: true });
}
