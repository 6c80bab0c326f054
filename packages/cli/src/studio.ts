import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Folder of the built studio page, if it is there. */
export function studioDir(): string | undefined {
  const manifest = createRequire(import.meta.url).resolve('@spatialgan/studio/package.json');
  const dir = join(dirname(manifest), 'dist');
  return existsSync(join(dir, 'index.html')) ? dir : undefined;
}
