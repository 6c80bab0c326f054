// Builds every package: JavaScript through nx and its cache, declarations beside it.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rememberBuilt, sourcesNow } from './built.mjs';
import { compileDeclarations, placeDeclarations } from './declarations.mjs';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const sources = sourcesNow();
const javascript = new Promise((done) => {
  const env = { ...process.env, NX_TUI: 'false' };
  spawn('npx', ['nx', 'run-many', '-t', 'build', '--projects=packages/*', '--output-style=static'], { cwd, env, stdio: 'inherit', shell: process.platform === 'win32' })
    .on('close', (code) => done(code === 0));
});
const built = await Promise.all([javascript, compileDeclarations()]);
if (built.includes(false)) process.exit(1);
placeDeclarations();
rememberBuilt(sources);
