import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(cwd, 'node_modules/.cache/spatialgan/built');
const noInput = /^(node_modules|assembly|test|.*\.test\.tsx?)$/;

/** Size and time of every file below the paths, as one hash: nx, which reads the files, needs seconds to say whether they changed. */
function fingerprint(paths) {
  const hash = createHash('sha1');
  const visit = (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isDirectory()) return hash.update(`${path} ${stats?.size} ${stats?.mtimeMs}\n`);
    for (const name of readdirSync(path).sort()) if (!noInput.test(name)) visit(join(path, name));
  };
  for (const path of paths) visit(join(cwd, path));
  return hash.digest('hex');
}

const packages = readdirSync(join(cwd, 'packages')).map((name) => `packages/${name}`);
const partsOf = (folder) => readdirSync(join(cwd, folder)).filter((name) => name !== 'dist').map((name) => `${folder}/${name}`);
const inputs = ['models', 'package-lock.json', 'tsconfig.base.json', 'internal/config/src', ...packages.flatMap(partsOf)];
const outputs = packages.map((folder) => `${folder}/dist`);

/** Builds the command line and the editor's page (JavaScript only) where a source or a build is not what it was. Ends the process where that fails. */
export function buildCli() {
  const sources = fingerprint(inputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources + fingerprint(outputs)) return;
  const first = !existsSync(new URL('../packages/cli/dist/main.js', import.meta.url));
  if (first) console.error('Building spatialgan (the first time takes about a minute) …');
  const env = { ...process.env, SPATIALGAN_JS_ONLY: '1', NX_TUI: 'false' };
  const built = spawnSync('npx', ['nx', 'run', 'spatialgan:build', '--output-style=static'], { cwd, env, encoding: 'utf8', shell: process.platform === 'win32' });
  if (built.status === 0) {
    mkdirSync(dirname(stamp), { recursive: true });
    return writeFileSync(stamp, sources + fingerprint(outputs));
  }
  console.error(`${built.stdout}\n${built.stderr}`);
  console.error('spatialgan: the build failed; what it printed is above. `npm ci` puts the dependencies right.');
  process.exit(1);
}
