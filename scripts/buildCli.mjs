import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isBuilt, rememberBuilt, sourcesNow } from './built.mjs';

const cwd = fileURLToPath(new URL('..', import.meta.url));

/** Builds the command line and the editor's page where a source or a build is not what it was. Ends the process where that fails. */
export function buildCli() {
  const sources = sourcesNow();
  if (isBuilt(sources)) return;
  const first = !existsSync(new URL('../packages/cli/dist/main.js', import.meta.url));
  if (first) console.error('Building spatialgan (the first time takes about a minute) …');
  const env = { ...process.env, NX_TUI: 'false' };
  const built = spawnSync('npx', ['nx', 'run', 'spatialgan:build', '--output-style=static'], { cwd, env, encoding: 'utf8', shell: process.platform === 'win32' });
  if (built.status === 0) return rememberBuilt(sources);
  console.error(`${built.stdout}\n${built.stderr}`);
  console.error('spatialgan: the build failed; what it printed is above. `npm ci` puts the dependencies right.');
  process.exit(1);
}
