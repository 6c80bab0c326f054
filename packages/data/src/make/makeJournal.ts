import { createHash } from 'node:crypto';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { SpatialGANError } from '@spatialgan/core';
import { countWhole } from './partialZip.js';
import type { StoredEntry } from './zipRecords.js';

/** What became of a record: its files (one an archive), or why it was left out. */
export interface JournalLine {
  readonly index: number;
  readonly files?: readonly Omit<StoredEntry, 'name'>[];
  readonly objects?: unknown;
  readonly bad?: string;
}

/** Where making a data set stands; kept beside it until it is whole. */
export interface JournalState {
  /** One line a record, in order, from record 0 on. */
  readonly lines: readonly JournalLine[];
  /** The archives are whole and only have to be given their names. */
  readonly isClosed: boolean;
}

/** Checksum of what decides a data set. */
export const keyOf = (identity: unknown): string => createHash('sha256').update(JSON.stringify(identity)).digest('hex');

/** StyleGAN2-ADA's name of image `number`. */
export function imageName(number: number): string {
  const digits = String(number).padStart(8, '0');
  return `${digits.slice(0, 5)}/img${digits}.png`;
}

/** Files of one archive in order, by what a journal says. */
export function entriesOf(lines: readonly JournalLine[], archive: number): readonly StoredEntry[] {
  return lines.filter((line) => line.files).map(({ files }, i) => ({ name: imageName(i), ...files![archive]! }));
}

function parseLines(text: string): { readonly key: unknown; readonly lines: JournalLine[]; readonly isClosed: boolean } {
  // The last line may be cut off; what it says is lost.
  const [first, ...rest] = text.split('\n').slice(0, -1);
  const lines: JournalLine[] = [];
  let isClosed = false;
  try {
    const { key } = JSON.parse(first ?? '{}') as { key?: unknown };
    for (const line of rest) {
      const said = JSON.parse(line) as JournalLine & { closed?: boolean };
      if (said.closed) isClosed = true;
      else if (said.index === lines.length) lines.push(said);
      else break;
    }
    return { key, lines, isClosed };
  } catch {
    return { key: undefined, lines: [], isClosed: false };
  }
}

/**
 * Reads where the work stands; undefined when none was begun.
 *
 * Each file that the journal names is compared with its checksum, and the work goes back to before the first that differs.
 *
 * @throws SpatialGANError 'CONFIG' when other work was begun there.
 */
export async function readJournal(path: string, { key, partials }: { readonly key: string; readonly partials: readonly string[] }): Promise<JournalState | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const found = parseLines(text);
  if (found.key !== undefined && found.key !== key) {
    throw new SpatialGANError('CONFIG', `${path}: expected the same source and options as this data set was begun with, got others; give those again to go on, or begin anew with --force`);
  }
  if (found.isClosed) return found;
  let used = found.lines.length;
  for (const [archive, partial] of partials.entries()) {
    const entries = entriesOf(found.lines, archive);
    const whole = await countWhole(partial, entries);
    if (whole === entries.length) continue;
    let files = 0;
    const end = found.lines.findIndex((line) => line.files && files++ === whole);
    used = Math.min(used, end);
  }
  return { lines: found.lines.slice(0, used), isClosed: false };
}

/** Appends to a journal; each line is on the disk when the promise resolves. */
export interface Journal {
  add(lines: readonly JournalLine[]): Promise<void>;
  /** Says that the archives are whole. */
  close(): Promise<void>;
  dispose(): Promise<void>;
}

/** Opens a journal that says what `lines` say; what it said before is replaced in one step. */
export async function openJournal(path: string, key: string, lines: readonly JournalLine[]): Promise<Journal> {
  const text = (said: readonly unknown[]): string => said.map((line) => `${JSON.stringify(line)}\n`).join('');
  const next = `${path}.next`;
  await writeFile(next, text([{ key }, ...lines]), { flush: true });
  await rename(next, path);
  const file = await open(path, 'a');
  const write = async (said: readonly unknown[]): Promise<void> => {
    await file.appendFile(text(said));
    await file.datasync();
  };
  return {
    add: (added) => write(added),
    close: () => write([{ closed: true }]),
    dispose: () => file.close(),
  };
}
