import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { installAlone, optionalPeersOf, unpackAll } from './aloneInstall.js';
import { publicPackages, root } from './publicPackages.js';

const scratch = inject('scratch');
const home = mkdtempSync(join(scratch, 'alone-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const unpacked = unpackAll(inject('tarballs'), join(scratch, 'unpacked'));
const packages = publicPackages().map((each) => ({ ...each, project: installAlone(each, unpacked, home), optional: optionalPeersOf(each.folder) }));

/** Loads entries by require and by import; prints those that cannot be loaded and why. */
const loader = (entries: readonly string[]): string => `
const entries = ${JSON.stringify(entries)};
const failures = {};
(async () => {
  for (const entry of entries) {
    try {
      const required = require(entry);
      const imported = await import(entry);
      if (Object.keys(required).length === 0) failures[entry] = 'exports nothing';
      if (required !== imported && required.default !== imported) failures[entry] = 'is loaded twice';
    } catch (error) { failures[entry] = error.message.split('\\n')[0]; }
  }
  process.stderr.write('\\n' + JSON.stringify(failures));
})();`;

describe('a package alone, with what its manifest asks for', () => {
  it.each(packages)('$name loads by require and by import, once, and prints nothing', ({ entries, project, optional }) => {
    const program = join(project, 'load.cjs');
    writeFileSync(program, loader(entries));
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { cwd: project, encoding: 'utf8', timeout: 60_000 });
    expect([status, stdout]).toEqual([0, '']);
    const failures = Object.entries(JSON.parse(stderr.split('\n').at(-1)!) as Record<string, string>);
    // An entry may want a peer that its manifest calls optional; the package itself may not.
    const missing = new RegExp(`^Cannot find (package|module) '(${optional.join('|')})'`);
    expect(failures.filter(([entry, why]) => entry === entries[0] || optional.length === 0 || !missing.test(why))).toEqual([]);
  });

  it('type-checks, strict, with library checks on, as a page that has no types of Node', () => {
    const inPages = packages.filter(({ name }) => name !== 'spatialgan'); // a program for Node, whose types it needs
    const files = inPages.map(({ entries, project }) => {
      const file = join(project, 'consumer.ts');
      writeFileSync(file, entries.filter((entry) => !/\/(node|avatars)$/.test(entry)).map((entry, i) => `import * as entry${i} from '${entry}';\nexport { entry${i} };\n`).join(''));
      return file;
    });
    const compilerOptions = {
      target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], module: 'nodenext', moduleResolution: 'nodenext', strict: true,
      exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types: [],
    };
    writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', home, '--pretty', 'false'], { cwd: home, encoding: 'utf8' });
    // tfjs-core's own declarations lack the types of `long`.
    const told = stdout.split('\n').filter((line) => line.includes('error TS') && !/tfjs-core\/dist\/hash_util\.d\.ts.*'Long'/.test(line));
    expect(told).toEqual([]);
  });
});
