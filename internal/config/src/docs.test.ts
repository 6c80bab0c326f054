import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
].filter((name) => name.endsWith('.md'));

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');

  it('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
    expect(links.filter((link) => !existsSync(resolve(root, dirname(page), link)))).toEqual([]);
  });

  it('names only files that exist', () => {
    const paths = [...text.matchAll(/`((?:packages|internal|examples|scripts|docs)\/[\w./-]+\.(?:ts|js|mjs|md|json))`/g)].map(([, path]) => path!);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('names only goldens that exist', () => {
    if (page !== 'docs/paper-map.md') return;
    const cases = readdirSync(join(root, 'internal/goldens/cases'));
    const rows = text.split('\n').flatMap((line) => /goldens? (.*?)(?:\||;)/.exec(line)?.[1] ?? []);
    const names = rows.flatMap((row) => [...row.matchAll(/`([a-z]\w*\*?)`/g)].map(([, name]) => name!));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !cases.some((each) => each.startsWith(name.replace('*', ''))))).toEqual([]);
  });
});
