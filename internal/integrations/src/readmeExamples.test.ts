import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, inject, it } from 'vitest';
import { publicPackages, root } from './publicPackages.js';
import { examplesIn, readmeExamples } from './readmeExamples.js';

const scratch = inject('scratch');
const home = join(scratch, 'readmes');
mkdirSync(home, { recursive: true });

const nodeOnly = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
const guides = readdirSync(join(root, 'docs/guides')).filter((file) => file.endsWith('.md'));

/** Every example of READMEs and guides, by the file that it is written to. */
const examples = [
  ...publicPackages().flatMap(({ folder }) => readmeExamples(folder).map((example, i) => ({ ...example, file: `${basename(folder)}${i}` }))),
  ...guides.flatMap((guide) => examplesIn(join(root, 'docs/guides', guide)).map((example, i) => ({ ...example, file: `guide-${guide.slice(0, -3)}${i}` }))),
];

it.each(publicPackages())('the README of $name has a paragraph, the install command and an example of at most 15 lines', ({ name, folder }) => {
  expect(existsSync(join(folder, 'README.md'))).toBe(true);
  if (name === 'spatialgan') return; // its examples are shell commands
  expect(readmeExamples(folder)[0]?.lines).toBeLessThanOrEqual(15);
});

it.each(examples.filter(({ browser }) => !browser))('runs $file against the packed install', ({ file, code }) => {
  const program = join(home, `${file}.mjs`);
  writeFileSync(program, ts.transpileModule(code, { compilerOptions: nodeOnly }).outputText);
  const { status, stderr } = spawnSync(process.execPath, [program], { cwd: scratch, encoding: 'utf8', timeout: 120_000 });
  expect(stderr.split('\n').filter((line) => /Error/.test(line))).toEqual([]);
  expect(status).toBe(0);
});

it('type-checks every example against the packed install', () => {
  const files = examples.map(({ file, code }) => {
    const path = join(home, `${file}.ts`);
    writeFileSync(path, code);
    return path;
  });
  expect(files.length).toBeGreaterThan(20);
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

describe('the commands of READMEs and guides', () => {
  const pages = ['README.md', 'docs/site.md', 'models/avatars/README.md', ...publicPackages().map(({ folder }) => `packages/${basename(folder)}/README.md`), ...guides.map((guide) => `docs/guides/${guide}`)];
  const calls = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\bspatialgan (train|sample|edit|export|convert|doctor|metrics|figures|report)\b([^`\n#]*)/g)]
      .map(([line, command, rest]) => ({ page, line: line.trim(), command: command!, options: [...rest!.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([option]) => option) })));
  const bin = join(scratch, 'node_modules/spatialgan/bin/spatialgan.js');

  it.each([...new Set(calls.map(({ command }) => command))])('%s has the options that are named', (command) => {
    const { status, stdout } = spawnSync(process.execPath, [bin, command, '--help'], { cwd: scratch, encoding: 'utf8' });
    expect(status).toBe(0);
    const known = new Set([...stdout.matchAll(/--[a-z][\w-]*/g)].map(([option]) => option));
    const wrong = calls.filter((call) => call.command === command && call.options.some((option) => !known.has(option)));
    expect(wrong.map(({ page, line }) => `${page}: ${line}`)).toEqual([]);
  });
});
