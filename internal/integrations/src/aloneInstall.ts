import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PublicPackage, root } from './publicPackages.js';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}
const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Unpacks each tarball once: name → folder. */
export function unpackAll(tarballs: Readonly<Record<string, string>>, store: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(tarballs).map(([name, tarball]) => {
    const folder = join(store, name);
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true });
      execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder]);
    }
    return [name, folder];
  }));
}

function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) linkFolder(join(from, entry.name), join(to, entry.name));
    else linkSync(join(from, entry.name), join(to, entry.name));
  }
}

/** Peers that a package can do without; a consumer who did not read its manifest lacks them. */
export const optionalPeersOf = (folder: string): readonly string[] =>
  Object.entries(manifestIn(folder).peerDependenciesMeta ?? {}).flatMap(([name, { optional }]) => (optional ? [name] : []));

/**
 * A project that has one package and what its manifest, and theirs, ask for: nothing that other packages happen to bring, and no optional peer.
 * Ours are hard links to the unpacked tarballs, the rest links to what the workspace installed.
 *
 * @returns its folder, below `home`.
 */
export function installAlone({ name, folder }: PublicPackage, unpacked: ReadonlyMap<string, string>, home: string): string {
  const project = join(home, folder.slice(folder.lastIndexOf('/') + 1));
  const modules = join(project, 'node_modules');
  const installed = new Set<string>();
  const install = (wanted: string, by: string): void => {
    if (installed.has(wanted)) return;
    installed.add(wanted);
    const [ours, at] = [unpacked.get(wanted), join(modules, wanted)];
    mkdirSync(dirname(at), { recursive: true });
    if (ours === undefined) {
      const theirs = [join(by, 'node_modules', wanted), join(root, 'node_modules', wanted)].find((each) => existsSync(each));
      if (!theirs) throw new Error(`${wanted}, which ${by} asks for, is not installed in the workspace`);
      return symlinkSync(theirs, at, 'junction');
    }
    linkFolder(ours, at);
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifestIn(ours);
    const needed = [...Object.keys(dependencies), ...Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional)];
    for (const other of needed) install(other, join(root, 'packages', wanted.replace(/^@spatialgan\//, '')));
  };
  install(name, folder);
  return project;
}
