// Puts back the platform packages (@rollup/rollup-darwin-arm64 …) that npm drops from package-lock.json when the registry
// it asked does not carry them; without them `npm ci` refuses the lock on every machine. Run it after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const os = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const cpu = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Folders from which `owner` may resolve a dependency, nearest first. */
function* homes(owner) {
  for (let at = owner; at; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) yield `${at}/node_modules/`;
  yield 'node_modules/';
}

let added = 0;
for (const [owner, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if ([...homes(owner)].some((home) => lock.packages[home + name])) continue;
    const words = name.split(/[/-]/);
    const system = os.find((word) => words.includes(word));
    const machine = cpu.find((word) => words.includes(word));
    if (!system || !/^\d/.test(version)) throw new Error(`completeLock: ${name}@${version} of ${owner} is missing and not a pinned platform package`);
    const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.includes('gnu') && system === 'linux' ? ['glibc'] : undefined;
    lock.packages[`node_modules/${name}`] = { version, cpu: machine ? [machine] : undefined, dev: entry.dev, libc, optional: true, os: [system] };
    added++;
  }
}
const rows = Object.entries(lock.packages).map(([path, entry]) => {
  if (/^https?:/.test(entry.resolved ?? '')) delete entry.resolved;
  return [path, entry];
});
lock.packages = Object.fromEntries(rows.sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`completeLock: ${added} platform packages put back`);
