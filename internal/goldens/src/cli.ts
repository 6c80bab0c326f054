import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { activateForTests } from './activate.js';
import { listCases } from './goldenCase.js';
import { allRunners } from './runners/index.js';
import { type CaseResult, runCase } from './runCase.js';

const usage = `usage: npm run parity -- DIR [--only REGEX] [--backend wasm|cpu|webgpu]

Runs every golden case under DIR and prints each case's worst error over its tolerance.`;

function line(result: CaseResult): string {
  const name = result.name.padEnd(44);
  if (result.status === 'skipped') return `skip  ${name} ${result.reason}`;
  const worst = result.worst
    ? `${result.worst.ratio.toFixed(3)} of tolerance  (${result.worst.output}: ${result.worst.error.toExponential(1)} / ${result.worst.tolerance})`
    : '';
  return result.status === 'passed' ? `ok    ${name} ${worst}` : `FAIL  ${name} ${result.reason} ${worst}`;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      backend: { type: 'string', default: 'wasm' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [dir] = positionals;
  if (values.help || !dir) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  if (!existsSync(dir)) {
    console.error(`parity: expected a folder of golden cases, got '${dir}', which does not exist`);
    return 2;
  }
  await activateForTests(values.backend);
  const only = new RegExp(values.only ?? '');
  const names = listCases(dir).filter((name) => only.test(name));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    const result = await runCase(dir, name, allRunners);
    counts[result.status]++;
    console.log(line(result));
  }
  if (names.length === 0) console.error(`parity: no case under '${dir}' matches`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed > 0 || names.length === 0 ? 1 : 0;
}

process.exitCode = await main();
