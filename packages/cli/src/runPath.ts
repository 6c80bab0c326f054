import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A run may be named by its number alone: 'runs/00003' is the one folder there that begins with '00003-'. */
export function runPath(path: string): string {
  const [parent, number] = [dirname(path), basename(path)];
  if (existsSync(path) || !/^\d{5}$/.test(number) || !existsSync(parent)) return path;
  const found = readdirSync(parent).filter((name) => name.startsWith(`${number}-`));
  return found.length === 1 ? join(parent, found[0]!) : path;
}
