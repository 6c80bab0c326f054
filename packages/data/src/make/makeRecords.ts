import { isSpatialGANError, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { encodePng } from '../encodePng.js';
import type { DatasetRecord, DatasetRecords } from './datasetRecords.js';
import { imageName, type Journal, type JournalLine } from './makeJournal.js';
import type { PartialZip } from './partialZip.js';

/** How far making a data set is. */
export interface MakeProgress {
  readonly done: number;
  readonly total: number;
  readonly bad: number;
  /** Milliseconds until the end at this run's pace; null before it has one. */
  readonly etaMs: number | null;
}

const atOnce = 8;
/** Records between two times that the disk is waited for. */
const groupSize = 32;

/** What a record is in the archives, one file each. */
async function filesOf({ pixels, instances }: DatasetRecord, side: number): Promise<readonly Uint8Array[]> {
  const image = encodePng({ pixels, width: side, height: side });
  return instances ? Promise.all([image, encodePng({ pixels: instances, width: side, height: side, channels: 1 })]) : [await image];
}

type Prepared = { readonly files: readonly Uint8Array[]; readonly objects?: unknown } | { readonly bad: string };

async function prepare(records: DatasetRecords, index: number): Promise<Prepared> {
  try {
    const record = await records.read(index);
    const files = await filesOf(record, records.resolution);
    return record.objects === undefined ? { files } : { files, objects: record.objects };
  } catch (cause) {
    if (isSpatialGANError(cause)) throw cause;
    return { bad: (cause as Error).message.split('\n')[0]! };
  }
}

/** Results of tasks in their order, some tasks ahead of the reader. */
async function* inOrder<T>(from: number, to: number, task: (index: number) => Promise<T>): AsyncGenerator<T> {
  const pending: Promise<T>[] = [];
  for (let next = from; next < to || pending.length > 0; ) {
    while (next < to && pending.length < atOnce) {
      const result = task(next++);
      // Whoever stops reading leaves results behind, failed ones too.
      result.catch(() => {});
      pending.push(result);
    }
    yield await pending.shift()!;
  }
}

/** What making a data set works with. */
export interface Work {
  readonly records: DatasetRecords;
  readonly options: {
    readonly onBad?: 'skip' | 'refuse' | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((progress: MakeProgress) => void) | undefined;
  };
  /** The archives, the images' first. */
  readonly zips: readonly PartialZip[];
  readonly journal: Journal;
  /** What became of the records so far; grows. */
  readonly lines: JournalLine[];
}

function refuseBad({ records }: Work, index: number, reason: string): never {
  throw new SpatialGANError('DATA', `${records.name}: ${records.title(index)} cannot be used: ${reason}; mend it and give the same command to go on, or have bad images skipped`);
}

/** Makes the records that are missing; whatever ends it, what was made is kept. */
export async function makeRecords(work: Work): Promise<void> {
  const { records, options: { onBad = 'skip', signal, onProgress }, zips, journal, lines } = work;
  const { length } = records;
  const begun = performance.now();
  const first = lines.length;
  let number = lines.filter(({ files }) => files).length;
  let group: JournalLine[] = [];
  const flush = async (): Promise<void> => {
    await Promise.all(zips.map((zip) => zip.sync()));
    await journal.add(group);
    group = [];
  };
  const add = async (index: number, made: Prepared): Promise<JournalLine> => {
    if ('bad' in made) return { index, bad: made.bad };
    const name = imageName(number++);
    const entries = await Promise.all(zips.map((zip, i) => zip.append(name, made.files[i]!)));
    return { index, files: entries.map(({ size, crc }) => ({ size, crc })), ...(made.objects === undefined ? {} : { objects: made.objects }) };
  };
  try {
    for await (const made of inOrder(first, length, (index) => prepare(records, index))) {
      throwIfAborted(signal, 'makeDataset');
      const index = lines.length;
      if ('bad' in made && onBad === 'refuse') refuseBad(work, index, made.bad);
      const line = await add(index, made);
      lines.push(line);
      group.push(line);
      if (group.length === groupSize) await flush();
      const done = lines.length;
      onProgress?.({ done, total: length, bad: done - number, etaMs: ((performance.now() - begun) / (done - first)) * (length - done) });
    }
  } finally {
    await flush();
  }
}
