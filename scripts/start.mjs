// The main job: opens the editor on the bundled model. Arguments go to `spatialgan edit`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildCli } from './buildCli.mjs';

const cwd = fileURLToPath(new URL('..', import.meta.url));
buildCli();
const asked = process.argv.slice(2);
const model = asked.includes('--model') ? [] : ['--model', 'models/avatars/model.safetensors'];
const cli = spawn(process.execPath, ['packages/cli/dist/main.js', 'edit', ...model, ...asked], { cwd, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => cli.kill(signal));
cli.on('exit', (code) => process.exit(code ?? 0));
