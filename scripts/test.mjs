// Everything CI checks, stage after stage: a failing stage does not stop the others. `npm test -- unit parity` runs only those named.
// Stages that keep one core busy run two at a time; what they print follows when they are done.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'spatialgan-test-'));
const limit = 30 * 60_000;

/** Runs a command to its end; resolves to its exit code (124 past the limit) and what it printed. `say` gets all of it as it comes. */
function run(command, args, say) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: process.env });
    let printed = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill();
    }, limit);
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      say(chunk);
    });
    child.stderr.on('data', say);
    child.on('error', (error) => done({ code: 1, printed: String(error) }));
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code: late ? 124 : (code ?? 1), printed });
    });
  });
}

/** A stage that is one check: passed or failed as a whole. */
const check = (command, ...args) => async (say) => {
  const { code } = await run(command, args, say);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
};

const vitest = (...args) => async (say) => {
  const file = join(scratch, `${args.join('').replace(/\W/g, '')}.json`);
  const { code } = await run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args], say);
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const counts = { passed: report.numPassedTests ?? 0, failed: report.numFailedTests ?? 0, skipped: report.numPendingTests ?? 0 };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
};

const parity = (dir) => async (say) => {
  const { code, printed } = await run('npm', ['run', '--silent', 'parity', '--', dir], say);
  const [, passed, failed, skipped] = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(printed) ?? [];
  const counts = { passed: Number(passed ?? 0), failed: Number(failed ?? 0), skipped: Number(skipped ?? 0) };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
};

const integrations = '@spatialgan-internal/integrations';
const stages = {
  lint: check('npm', 'run', '--silent', 'lint'),
  typecheck: check('npm', 'run', '--silent', 'typecheck'),
  build: check('npm', 'run', '--silent', 'build'),
  unit: vitest('--project', `!${integrations}`),
  parity: parity('internal/goldens/cases'),
  integrations: vitest('--project', integrations),
  docs: check('npm', 'run', '--silent', 'docs'),
};
const turns = [['lint', 'typecheck'], ['build'], ['unit'], ['parity', 'docs'], ['integrations']];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in stages));
if (unknown.length > 0) {
  console.error(`npm test: no stage '${unknown.join("', '")}'; there are ${Object.keys(stages).join(', ')}`);
  process.exit(2);
}

process.env.SPATIALGAN_TEST_WORKERS ??= '2';
process.env.NX_TUI = 'false';
const names = asked.length > 0 ? asked : Object.keys(stages);
if (names.includes('unit') || names.includes('integrations')) {
  const chromium = ensureChromium();
  if (chromium) process.env.SPATIALGAN_CHROMIUM = chromium;
}

const rows = [];
/** Runs a stage; one that runs beside others says what it has to say at its end. */
async function stage(name, alone) {
  const held = [];
  const say = (chunk) => (alone ? process.stdout.write(chunk) : held.push(chunk));
  say(`\n── ${name}\n`);
  const started = Date.now();
  const counts = await stages[name](say);
  for (const chunk of held) process.stdout.write(chunk);
  rows.push({ name, ...counts, seconds: Math.round((Date.now() - started) / 1000) });
}
for (const turn of turns) {
  const due = turn.filter((name) => names.includes(name));
  await Promise.all(due.map((name) => stage(name, due.length === 1)));
}
rmSync(scratch, { recursive: true, force: true });

const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
console.log('\n── summary');
for (const { name, passed, failed, skipped, seconds } of rows) {
  console.log(`${failed > 0 ? 'FAIL' : 'ok  '} ${name.padEnd(14)} passed ${passed}, failed ${failed}, skipped ${skipped} (${seconds} s)`);
}
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
