import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface PublicPackage {
  readonly name: string;
  readonly folder: string;
  /** What a consumer may import: the name itself and its subpaths. */
  readonly entries: readonly string[];
  readonly peers: Readonly<Record<string, string>>;
  /** Declarations that a consumer installs beside peers that bring none. */
  readonly typesOfPeers: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

/** Every published package of the workspace, in the order of its folders. */
export function publicPackages(): PublicPackage[] {
  const home = join(root, 'packages');
  return readdirSync(home)
    .map((name) => join(home, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest }) => ({
      name: manifest.name,
      folder,
      entries: Object.entries<Record<string, string> | string>(manifest.exports)
        .filter(([, target]) => typeof target === 'object' && 'types' in target)
        .map(([key]) => manifest.name + key.slice(1)),
      peers: manifest.peerDependencies ?? {},
      typesOfPeers: Object.fromEntries(
        Object.entries<string>(manifest.devDependencies ?? {}).filter(([name]) => name.replace(/^@types\//, '') in (manifest.peerDependencies ?? {}) && name.startsWith('@types/')),
      ),
      bin: manifest.bin ?? {},
    }));
}
