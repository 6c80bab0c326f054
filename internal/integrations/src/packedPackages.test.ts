import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';
import { publicPackages, root } from './publicPackages.js';

const scratch = inject('scratch');
const tarballs = inject('tarballs');
const packages = publicPackages();
const entries = packages.flatMap((each) => each.entries);

/** Reports of attw that say no more than "ESM only", which we are by design. */
const esmOnly = ['CJSResolvesToESM', 'NoResolution'];

/** Entries that are files to read or fetch, and have no types. */
const assets = [/\.safetensors$/];

describe.each(packages)('the tarball of $name', ({ name, folder }) => {
  const bytes = () => readFileSync(tarballs[name]!);

  it('has nothing that publint reports', async () => {
    const data = bytes();
    const tarball = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that resolve from ESM in Node and in bundlers', async () => {
    const { problems } = (await checkPackage(createPackageFromTarballData(new Uint8Array(bytes())), { excludeEntrypoints: assets })) as {
      problems?: { kind: string; resolutionKind?: string }[];
    };
    const told = (problems ?? []).filter(
      ({ kind, resolutionKind }) => !(esmOnly.includes(kind) && resolutionKind !== 'node16-esm' && resolutionKind !== 'bundler'),
    );
    expect(told).toEqual([]);
  });

  it('ships its README, sources and no tests', () => {
    const listing = execFileSync('tar', ['-tzf', tarballs[name]!], { encoding: 'utf8' }).split('\n');
    expect(listing).toContain('package/README.md');
    expect(listing).toContain('package/src/index.ts');
    expect(listing.filter((file) => /\.test(-d)?\.ts$/.test(file))).toEqual([]);
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toContain('"sideEffects": false');
  });
});

describe('a consumer outside the workspace', () => {
  it('imports every entry in Node, from the builds and without output', () => {
    const program = join(scratch, 'importAll.mjs');
    writeFileSync(
      program,
      `const failures = [];
for (const entry of ${JSON.stringify(entries)}) {
  if (!import.meta.resolve(entry).includes('/dist/')) failures.push(entry + ' does not resolve to its build');
  try { await import(entry); } catch (error) { failures.push(entry + ': ' + error.message); }
}
process.stderr.write(JSON.stringify(failures));`,
    );
    const { stdout, stderr } = spawnSync(process.execPath, [program], { cwd: scratch, encoding: 'utf8' });
    expect(stderr).toBe('[]');
    expect(stdout).toBe('');
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('type-checks against every entry under module %s, resolution %s, library checks on', (module, moduleResolution) => {
    const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';`).join('\n');
    writeFileSync(join(scratch, 'consumer.ts'), `${imports}\nexport const all: readonly object[] = [${entries.map((_, i) => `entry${i}`)}];\n`);
    const compilerOptions = {
      target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], module, moduleResolution, strict: true,
      exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true,
      types: ['node'], typeRoots: [join(root, 'node_modules/@types')],
    };
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', scratch, '--pretty', 'false'], {
      cwd: scratch, encoding: 'utf8',
    });
    // TensorFlow.js's own declarations do not pass library checks; ours and the consumer's must.
    const told = stdout.split('\n').filter((line) => line.includes('error TS') && !/^node_modules\/@(tensorflow|webgpu|types)\//.test(line));
    expect(told).toEqual([]);
  });
});
