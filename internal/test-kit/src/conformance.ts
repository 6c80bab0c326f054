import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engine } from '@tensorflow/tfjs-core';
import { convolutionCases } from './cases/convolutionCases.js';
import { featureCases } from './cases/featureCases.js';
import type { OpCase } from './cases/opCase.js';
import { tfjsCases } from './cases/tfjsCases.js';
import { type GradErrors, gradErrors } from './gradErrors.js';
import { testBackends } from './testBackends.js';

/** Bounds that the table is judged by, as the tests are. */
const BOUNDS = { value: 1e-5, first: 1e-5, second: 1e-4 } as const;
const PAGE = fileURLToPath(new URL('../../../docs/conformance.md', import.meta.url));

type Row = { -readonly [K in keyof typeof BOUNDS]: number };
type Column = ReadonlyMap<string, Row | string>;

const cases: readonly OpCase[] = [...convolutionCases, ...featureCases, ...tfjsCases];

function worse(a: Row | undefined, { value, first = 0, second = 0 }: GradErrors): Row {
  return { value: Math.max(a?.value ?? 0, value), first: Math.max(a?.first ?? 0, first), second: Math.max(a?.second ?? 0, second) };
}

/** The worst errors per op on the active backend; an op that throws gets its message. */
async function measure(): Promise<Column> {
  const column = new Map<string, Row | string>();
  for (const test of cases) {
    const known = column.get(test.op);
    if (typeof known === 'string') continue;
    try {
      column.set(test.op, worse(known, await gradErrors(test, test.order)));
    } catch (error) {
      column.set(test.op, (error instanceof Error ? error.message : String(error)).split('\n')[0]!);
    }
  }
  return column;
}

const excuse = (op: string, backend: string): string | undefined => cases.find((c) => c.op === op)?.imprecise?.[backend];

const cell = (row: Row | string | undefined): string => {
  if (row === undefined) return '';
  if (typeof row === 'string') return `**throws**: ${row}`;
  const shown = (Object.keys(BOUNDS) as (keyof Row)[]).map((key) => {
    const text = row[key].toExponential(0);
    return row[key] <= BOUNDS[key] ? text : `**${text}**`;
  });
  return shown.join(' / ');
};

const failures = (columns: ReadonlyMap<string, Column>): readonly string[] =>
  [...columns].flatMap(([backend, column]) => [...column].flatMap(([op, row]) =>
    (cell(row).includes('**') && !excuse(op, backend) ? [`${backend}: ${op}: ${cell(row)}`] : [])));

const worstOf = (name: string, column: Column): string => {
  const rows = [...column.values()].filter((row) => typeof row !== 'string');
  return `${name}, worst: ${(Object.keys(BOUNDS) as (keyof Row)[]).map((key) => `${key} ${Math.max(...rows.map((row) => row[key])).toExponential(1)}`).join(', ')}`;
};

/** What the table shows and does not judge. */
const excuses = (backends: readonly string[]): string =>
  cases.flatMap(({ op }) => backends.flatMap((name) => (excuse(op, name) ? [`\nNot judged: ${op} on ${name} (${excuse(op, name)}).\n`] : []))).join('');

function page(columns: ReadonlyMap<string, Column>, skipped: readonly string[]): string {
  const ops = [...new Set(cases.map((c) => c.op))];
  const names = [...columns.keys()];
  const lines = ops.map((op) => `| ${op} | ${cases.filter((c) => c.op === op).length} | ${names.map((name) => cell(columns.get(name)!.get(op))).join(' | ')} |`);
  return `# Conformance of the ops

Written by \`npm run conformance\`; do not edit. Each cell is the worst error of value / first order / second order over
the op's cases, relative to the largest entry of its tensor (bounds ${Object.values(BOUNDS).map((b) => b.toExponential(0)).join(' / ')};
what exceeds them is bold). Truth: the op's definition in double precision and its central differences
(\`internal/test-kit/src/references\`). Second order: the gradient of ⟨vector-Jacobian product, v⟩ with respect to every
input and the cotangent. \`wasm-plain\` is tfjs-wasm with its own kernels only; \`wasm\` has ours.

| op | cases | ${names.join(' | ')} |
|---|---:|${names.map(() => '---').join('|')}|
${lines.join('\n')}
${excuses(names)}${skipped.length > 0 ? `\nNot measured here: ${skipped.join('; ')}.\n` : ''}`;
}

/** With `--backend NAME` that one only, printed; without, all of them, as docs/conformance.md. */
async function main(): Promise<number> {
  const { backend: only } = parseArgs({ options: { backend: { type: 'string' } } }).values;
  const columns = new Map<string, Column>();
  const skipped: string[] = [];
  for (const backend of testBackends.filter(({ name }) => only === undefined || name === only)) {
    const reason = await backend.unsupportedReason();
    if (reason !== null) {
      skipped.push(`${backend.name} (${reason.split('\n')[0]})`);
      continue;
    }
    await backend.activate();
    const started = performance.now();
    const column = await measure();
    columns.set(backend.name, column);
    console.log(`${backend.name}: ${column.size} ops, ${cases.length} cases in ${((performance.now() - started) / 1000).toFixed(1)} s, ${engine().state.numTensors} tensors left`);
  }
  if (only === undefined) writeFileSync(PAGE, page(columns, skipped));
  else console.log(`\n${page(columns, skipped)}${[...columns].map(([name, column]) => worstOf(name, column)).join('\n')}`);
  for (const reason of skipped) console.log(`skipped: ${reason}`);
  const failed = failures(columns);
  for (const line of failed) console.error(`out of bounds: ${line}`);
  console.log(`${only === undefined ? 'docs/conformance.md written; ' : ''}${failed.length} out of bounds`);
  return failed.length > 0 ? 1 : 0;
}

process.exit(await main());
