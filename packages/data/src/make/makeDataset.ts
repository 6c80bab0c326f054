import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ioReason, isSpatialGANError, SpatialGANError } from '@spatialgan/core';
import type { DatasetRecords } from './datasetRecords.js';
import { datasetJson, masksJson } from './datasetJson.js';
import { entriesOf, type JournalLine, keyOf, openJournal, readJournal } from './makeJournal.js';
import { type MakeProgress, makeRecords, type Work } from './makeRecords.js';
import { openPartialZip, type PartialZip } from './partialZip.js';

export interface MakeDatasetOptions {
  /** The zip to write. */
  readonly dest: string;
  /** Leave out images that cannot be used, or stop at the first; 'skip' by default. */
  readonly onBad?: 'skip' | 'refuse';
  /** Replace `dest` where it exists, and begin anew where other work was begun. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MakeProgress) => void;
}

/** A data set that was made. */
export interface MadeDataset {
  readonly images: number;
  readonly bad: readonly { readonly file: string; readonly reason: string }[];
  /** How many records an earlier, unfinished run had made. */
  readonly resumed: number;
  /** The zip of instance masks, where there are any. */
  readonly masks?: string;
}

/** Where the masks of a data set go: `rooms.zip` → `rooms-masks.zip`. */
export const masksPath = (dest: string): string => `${dest.replace(/\.zip$/i, '')}-masks.zip`;

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);

/** Adds the JSON, closes the archives and lets the journal say so. */
async function closeArchives({ records, zips, journal, lines }: Work): Promise<void> {
  const numbers = lines.flatMap(({ files, index }) => (files ? [index] : []));
  await zips[0]!.append('dataset.json', Buffer.from(datasetJson(records, numbers)));
  await zips[1]?.append('masks.json', Buffer.from(masksJson(records, lines)));
  for (const zip of zips) await zip.finish();
  await journal.close();
}

/** Makes what is missing of the archives, up to their closing. */
async function makeArchives(records: DatasetRecords, options: MakeDatasetOptions, { journalPath, partials, lines }: { journalPath: string; partials: readonly string[]; lines: JournalLine[] }): Promise<void> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const journal = await openJournal(journalPath, keyOf(records.identity), lines);
    closers.push(() => journal.dispose());
    const zips: PartialZip[] = [];
    for (const [archive, path] of partials.entries()) {
      const zip = await openPartialZip(path, entriesOf(lines, archive));
      zips.push(zip);
      closers.push(() => zip.close());
    }
    const work = { records, options, zips, journal, lines };
    await makeRecords(work);
    if (lines.some(({ files }) => files)) await closeArchives(work);
  } catch (cause) {
    if (isSpatialGANError(cause)) throw cause;
    throw new SpatialGANError('DATA', `makeDataset ${options.dest}: ${ioReason(cause)}; the same command goes on from here`, { cause });
  } finally {
    for (const close of closers) await close();
  }
}

/**
 * Packs records as a zip of StyleGAN2-ADA's layout: `00000/img00000000.png` and on, stored, and `dataset.json`; instance masks in
 * a zip beside it.
 *
 * The zip has its name only when it is whole. Until then `DEST.partial` and `DEST.journal` hold the work: called again with the
 * same records it goes on, also after a kill, and ends with the same bytes. Disposes the records.
 *
 * @throws SpatialGANError 'DATA' when no image can be used, a bad one with `onBad: 'refuse'`, or the disk refuses; 'CONFIG' when
 *   `dest` exists or other work was begun there; 'ABORTED' by the signal.
 */
export async function makeDataset(records: DatasetRecords, options: MakeDatasetOptions): Promise<MadeDataset> {
  const { dest, force = false } = options;
  const archives = records.hasInstances ? [dest, masksPath(dest)] : [dest];
  const partials = archives.map((path) => `${path}.partial`);
  const journalPath = `${dest}.journal`;
  const key = keyOf(records.identity);
  try {
    await mkdir(dirname(dest), { recursive: true });
    const state = await readJournal(journalPath, { key, partials }).catch((cause: unknown) => {
      if (force && isSpatialGANError(cause, 'CONFIG')) return undefined;
      throw cause;
    });
    for (const path of state?.isClosed || force ? [] : archives) {
      if (await exists(path)) throw new SpatialGANError('CONFIG', `${path} exists already; give another name, or --force to replace it`);
    }
    const lines = [...(state?.lines ?? [])];
    const resumed = lines.length;
    if (!state?.isClosed) await makeArchives(records, options, { journalPath, partials, lines });
    if (!lines.some(({ files }) => files)) {
      for (const path of [journalPath, ...partials]) await rm(path, { force: true });
      throw new SpatialGANError('DATA', `${records.name}: none of ${lines.length} images can be used: ${records.title(0)} (${lines[0]?.bad}) is the first`);
    }
    // The data set itself comes last: where it is, its masks are.
    for (const [i, path] of [...archives.entries()].reverse()) if (await exists(partials[i]!)) await rename(partials[i]!, path);
    await rm(journalPath, { force: true });
    const bad = lines.flatMap(({ index, bad: reason }) => (reason === undefined ? [] : [{ file: records.title(index), reason }]));
    return { images: lines.length - bad.length, bad, resumed, ...(archives[1] === undefined ? {} : { masks: archives[1] }) };
  } finally {
    records.dispose?.();
  }
}
