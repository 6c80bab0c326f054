import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, inject, it } from 'vitest';
import { publicPackages, root } from './publicPackages.js';
import { readmeExamples } from './readmeExamples.js';

const scratch = inject('scratch');
const home = join(scratch, 'readmes');
mkdirSync(home, { recursive: true });

const nodeOnly = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };

describe.each(publicPackages())('the README of $name', ({ name, folder }) => {
  const examples = readmeExamples(folder);

  it('has a paragraph, the install command and an example of at most 15 lines', () => {
    expect(existsSync(join(folder, 'README.md'))).toBe(true);
    if (name === 'spatialgan') return; // its examples are shell commands
    expect(examples.length).toBeGreaterThan(0);
    expect(examples[0]!.lines).toBeLessThanOrEqual(15);
  });

  it.each(examples.map((example, i) => ({ ...example, file: `${basename(folder)}${i}` })))('runs example $file against the packed install', (example) => {
    if (example.browser) return;
    const file = join(home, `${example.file}.mjs`);
    writeFileSync(file, ts.transpileModule(example.code, { compilerOptions: nodeOnly }).outputText);
    const { status, stderr } = spawnSync(process.execPath, [file], { cwd: scratch, encoding: 'utf8', timeout: 120_000 });
    expect(stderr.split('\n').filter((line) => /Error/.test(line))).toEqual([]);
    expect(status).toBe(0);
  });
});

it('type-checks every README example against the packed install', () => {
  const files = publicPackages().flatMap(({ folder }) =>
    readmeExamples(folder).map((example, i) => {
      const file = join(home, `${basename(folder)}${i}.ts`);
      writeFileSync(file, example.code);
      return file;
    }),
  );
  const compilerOptions = {
    target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], module: 'nodenext', moduleResolution: 'nodenext', moduleDetection: 'force',
    strict: true, skipLibCheck: true, noEmit: true, types: ['node'], typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', home, '--pretty', 'false'], {
    cwd: scratch, encoding: 'utf8',
  });
  expect(stdout.split('\n').filter((line) => line.includes('error TS'))).toEqual([]);
});
