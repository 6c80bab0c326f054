import { readdirSync, statSync } from 'node:fs';

const few = (names: readonly string[]): string => `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** The models among a folder's files. */
export const modelsAmong = (names: readonly string[]): readonly string[] => names.filter((name) => name.endsWith('.safetensors'));

/** What is at a path that is no run and no single model, and what to give instead: the end of an error's message. */
export function foundInstead(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 'which does not exist';
  if (!found.isDirectory()) return 'a file';
  const names = readdirSync(path).sort();
  const runs = names.filter((name) => /^\d{5}-/.test(name));
  const models = modelsAmong(names);
  if (names.length === 0) return 'a folder that holds nothing';
  if (models.length > 0) return `a folder that holds the models ${few(models)}; give one of them`;
  if (runs.length > 0) return `a folder that holds the runs ${few(runs)}; give one of them`;
  return `a folder that holds ${few(names)}`;
}
