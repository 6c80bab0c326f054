import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, inject, it } from 'vitest';
import { root } from './publicPackages.js';

const scratch = inject('scratch');
const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };

/** Those that are programs for Node; pages have no src/main.ts. */
const programs = readdirSync(join(root, 'examples')).filter((name) => existsSync(join(root, 'examples', name, 'src/main.ts')));

/** Where a program takes long by itself: a folder and thousands of images. */
const shorter: Readonly<Record<string, readonly string[]>> = { 'custom-trainer': ['custom-run', '0.16'] };

it.each(programs)('runs examples/%s against the packed install', (name) => {
  const source = join(root, 'examples', name, 'src');
  const home = join(scratch, 'examples', name);
  mkdirSync(home, { recursive: true });
  for (const file of readdirSync(source).filter((each) => each.endsWith('.ts') && !each.endsWith('.test.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(source, file), 'utf8'), { compilerOptions });
    writeFileSync(join(home, file.replace(/\.ts$/, '.js')), outputText);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['main.js', ...(shorter[name] ?? [])], { cwd: home, encoding: 'utf8', timeout: 150_000 });
  expect(stderr).not.toMatch(/Error/);
  expect(status).toBe(0);
  expect(stdout).not.toBe('');
});
