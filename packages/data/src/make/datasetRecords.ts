import type { Label } from '../datasetLabels.js';

/** One image as it goes into a data set. */
export interface DatasetRecord {
  /** RGB, row-major, resolution² · 3 bytes. */
  readonly pixels: Uint8Array;
  /** What each pixel shows, resolution² bytes; each record of a data set has one, or none has. */
  readonly instances?: Uint8Array;
  /** What there is to say of the instances, as JSON. */
  readonly objects?: unknown;
}

/** What a data set is made of, by index; the same index always gives the same record. */
export interface DatasetRecords {
  /** How messages call it. */
  readonly name: string;
  readonly length: number;
  readonly resolution: number;
  readonly hasInstances: boolean;
  /** Everything that decides the records, as JSON: work that was begun goes on when it is equal. */
  readonly identity: unknown;
  readonly licences?: readonly string[];
  /** Names of the classes that labels number. */
  readonly classes?: readonly string[];
  /** What stands in the masks' own JSON beside the objects. */
  readonly maskFacts?: unknown;
  /** How messages call record `index`. */
  title(index: number): string;
  /** Reads a record; a plain Error says why it cannot be used. */
  read(index: number): Promise<DatasetRecord>;
  label?(index: number): Label;
  dispose?(): void;
}
