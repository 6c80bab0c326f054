// The main job: builds what the editor needs (JavaScript only) and opens it on the bundled model. Arguments go to `spatialgan edit`.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const env = { ...process.env, SPATIALGAN_JS_ONLY: '1', NX_TUI: 'false' };

console.log('Building the editor (the first time takes about a minute) …');
const built = spawnSync('npx', ['nx', 'run', 'spatialgan:build', '--output-style=static'], { cwd, env, encoding: 'utf8', shell: process.platform === 'win32' });
if (built.status !== 0) {
  console.error(`${built.stdout}\n${built.stderr}`);
  console.error('npm start: the build failed; what it printed is above. `npm ci` puts the dependencies right.');
  process.exit(1);
}

const asked = process.argv.slice(2);
const model = asked.includes('--model') ? [] : ['--model', 'models/avatars/model.safetensors'];
const cli = spawn(process.execPath, ['packages/cli/dist/main.js', 'edit', ...model, ...asked], { cwd, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => cli.kill(signal));
cli.on('exit', (code) => process.exit(code ?? 0));
