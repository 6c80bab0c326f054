// Checks the types of everything. Packages with the house's options are one program, a fifth of the time of one program each;
// those with options of their own (JSX, checked JavaScript) follow one by one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const projects = ['packages', 'internal', 'examples']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  .filter((folder) => existsSync(join(folder, 'tsconfig.json')))
  .map((folder) => ({ folder, config: JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8')) }));
const plain = ({ config }) => config.compilerOptions === undefined && config.extends === '../../tsconfig.base.json';

const cache = join(root, 'node_modules/.cache/typecheck');
mkdirSync(cache, { recursive: true });
const together = join(cache, 'tsconfig.json');
const up = relative(cache, root);
writeFileSync(together, JSON.stringify({
  extends: `${up}/tsconfig.base.json`,
  compilerOptions: { incremental: true, tsBuildInfoFile: join(cache, 'tsbuildinfo'), typeRoots: [`${up}/node_modules/@types`] },
  include: projects.filter(plain).flatMap(({ folder, config }) => config.include.map((part) => `${up}/${relative(root, folder)}/${part}`)),
}));

const tsc = (config) => spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { cwd: root, stdio: 'inherit' }).status === 0;
const alone = projects.filter((project) => !plain(project)).map(({ folder }) => join(folder, 'tsconfig.json'));
const failed = [together, ...alone].filter((config) => !tsc(config));
process.exitCode = failed.length > 0 ? 1 : 0;
