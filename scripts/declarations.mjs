// Declarations of all packages: one program for all, as for the type check, a fifth of the time of one program each.
// They lie in dist/ as the sources lie in src/, each with a map to its source, which is published too; an entry of another name refers to its file.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules/.cache/declarations');
const folders = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name))
  .filter((folder) => existsSync(join(folder, 'tsup.config.ts')));

/** Compiles the declarations into a cache; resolves to whether that went well. What did not change since the last time is not compiled again. */
export function compileDeclarations() {
  const out = join(cache, 'packages');
  // A program that finds nothing changed writes nothing: its files must be there.
  if (!existsSync(out)) rmSync(join(cache, 'tsbuildinfo'), { force: true });
  mkdirSync(cache, { recursive: true });
  const config = join(cache, 'tsconfig.json');
  const up = relative(cache, root);
  writeFileSync(config, JSON.stringify({
    extends: `${up}/tsconfig.base.json`,
    compilerOptions: {
      noEmit: false, emitDeclarationOnly: true, declarationMap: true, incremental: true, tsBuildInfoFile: join(cache, 'tsbuildinfo'),
      rootDir: `${up}/packages`, outDir: out, typeRoots: [`${up}/node_modules/@types`],
    },
    files: folders.flatMap((folder) => entriesOf(folder).map(({ source }) => relative(cache, join(folder, source)))),
  }));
  return new Promise((done) => {
    spawn(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { cwd: root, stdio: 'inherit' }).on('close', (code) => done(code === 0));
  });
}

/** What a package's entries are made of, and where its manifest says that their types are. */
function entriesOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.values(exports)
    .filter((target) => target.types !== undefined)
    .map(({ types, ...target }) => ({ types, source: target['spatialgan-source'] }));
}

/** Puts the compiled declarations into every package's dist/. */
export function placeDeclarations() {
  for (const folder of folders) {
    const dist = join(folder, 'dist');
    const compiled = join(cache, relative(root, folder), 'src');
    for (const file of readdirSync(compiled, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))) {
      const [at, source] = [join(dist, file), join(folder, 'src', file.replace(/\.d\.ts$/, '.ts'))];
      if (!existsSync(source)) continue; // compiled once, and gone since
      mkdirSync(dirname(at), { recursive: true });
      cpSync(join(compiled, file), at);
      const map = JSON.parse(readFileSync(join(compiled, `${file}.map`), 'utf8'));
      writeFileSync(`${at}.map`, JSON.stringify({ ...map, sources: [relative(dirname(at), source)] }));
    }
    for (const { types, source } of entriesOf(folder)) {
      const at = join(folder, types);
      const written = join(dist, relative('src', source)).replace(/\.tsx?$/, '.d.ts');
      if (at !== written) writeFileSync(at, `export * from './${relative(dirname(at), written).replace(/\.d\.ts$/, '.js')}';\n`);
    }
  }
}
