import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ReadmeExample {
  readonly code: string;
  readonly lines: number;
  /** Fenced as ```ts browser: it needs a page, so it is type-checked and not run. */
  readonly browser: boolean;
}

/** The fenced ts blocks of a Markdown file. */
export function examplesIn(file: string): ReadmeExample[] {
  if (!existsSync(file)) return [];
  return [...readFileSync(file, 'utf8').matchAll(/^```(?:ts|typescript)([^\n]*)\n([\s\S]*?)^```/gm)].map(([, info, code]) => ({
    code: code!,
    lines: code!.trim().split('\n').length,
    browser: info!.includes('browser'),
  }));
}

/** The fenced ts blocks of a package's README. */
export const readmeExamples = (folder: string): ReadmeExample[] => examplesIn(join(folder, 'README.md'));
