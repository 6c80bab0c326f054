// Whether the builds are those of the sources, by sizes and times of files: nx, which reads the files, needs seconds to say so.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules/.cache/spatialgan/built');
/** Neither what JavaScript is made of, nor JavaScript. */
const other = /^(node_modules|assembly|test|.*\.test\.tsx?|.*\.d\.ts(\.map)?)$/;

function fingerprint(paths) {
  const hash = createHash('sha1');
  const visit = (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isDirectory()) return hash.update(`${path} ${stats?.size} ${stats?.mtimeMs}\n`);
    for (const name of readdirSync(path).sort()) if (!other.test(name)) visit(join(path, name));
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest('hex');
}

const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
const partsOf = (folder) => readdirSync(join(root, folder)).filter((name) => name !== 'dist').map((name) => `${folder}/${name}`);
const inputs = ['models', 'package-lock.json', 'tsconfig.base.json', 'internal/config/src', ...packages.flatMap(partsOf)];
const outputs = packages.map((folder) => `${folder}/dist`);

/** The sources as they are now. Take it before a build: what is changed while it runs must be built again. */
export const sourcesNow = () => fingerprint(inputs);

export const isBuilt = (sources) => existsSync(stamp) && readFileSync(stamp, 'utf8') === sources + fingerprint(outputs);

export function rememberBuilt(sources) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, sources + fingerprint(outputs));
}
