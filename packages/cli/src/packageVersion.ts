import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

function manifestOf(dir: string): { readonly name?: string; readonly version?: string } {
  try {
    return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { name?: string; version?: string };
  } catch {
    return {};
  }
}

/** Where a package lies; not every package lets its package.json be asked for, nor its entry be required. */
function placeOf(name: string, require: NodeJS.Require): string | undefined {
  for (const request of [`${name}/package.json`, name]) {
    try {
      return require.resolve(request);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The version of the package that a module at `from` (path or file URL) gets, or 'not installed'. */
export function packageVersion(name: string, from: string): string {
  const place = placeOf(name, createRequire(from));
  if (place === undefined) return 'not installed';
  for (let dir = dirname(place); dir !== dirname(dir); dir = dirname(dir)) {
    const manifest = manifestOf(dir);
    if (manifest.name === name && manifest.version !== undefined) return manifest.version;
  }
  return 'version unknown';
}
