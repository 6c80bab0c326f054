import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));

/** Builds the command line and the editor's page (JavaScript only); seconds when nothing changed. Ends the process where the build fails. */
export function buildCli() {
  const first = !existsSync(new URL('../packages/cli/dist/main.js', import.meta.url));
  if (first) console.error('Building spatialgan (the first time takes about a minute) …');
  const env = { ...process.env, SPATIALGAN_JS_ONLY: '1', NX_TUI: 'false' };
  const built = spawnSync('npx', ['nx', 'run', 'spatialgan:build', '--output-style=static'], { cwd, env, encoding: 'utf8', shell: process.platform === 'win32' });
  if (built.status === 0) return;
  console.error(`${built.stdout}\n${built.stderr}`);
  console.error('spatialgan: the build failed; what it printed is above. `npm ci` puts the dependencies right.');
  process.exit(1);
}
