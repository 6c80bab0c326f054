import { SpatialGANError } from '@spatialgan/schema';
import { deleteKept, type KeptModel, listKept, openDatabase, readKept, writeKept } from './database.js';
import { askValidator, type DownloadProgress, fetchBytes } from './fetchBytes.js';
import { sha256 } from './sha256.js';

export type { DownloadProgress } from './fetchBytes.js';
export { sha256 } from './sha256.js';

/** A model that can be opened again without its network. */
export interface StoredEntry {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly used: number;
}
/** A model file, and where it came from. */
export interface LoadedModel {
  readonly bytes: ArrayBuffer;
  /** Absent where the page is insecure: then nothing is kept either, for it could not be checked. */
  readonly sha256?: string;
  readonly from: 'network' | 'cache';
}
export interface LoadModelOptions {
  readonly onProgress?: DownloadProgress;
  /** What the file must hash to; with it a kept file needs no question to its server. */
  readonly sha256?: string | undefined;
  readonly name?: string;
  readonly signal?: AbortSignal;
}
/** Model files of this origin, kept in IndexedDB. */
export interface ModelStore {
  /**
   * The file at a URL: kept, if it is unchanged or its server cannot be reached; else from the network, and kept from then on.
   *
   * @throws SpatialGANError 'DATA' when it cannot be had or does not hash to `sha256`, 'ABORTED' when the signal fires.
   */
  load(url: URL, options?: LoadModelOptions): Promise<LoadedModel>;
  /** Keeps a file of the user's; its hash is its name. */
  keep(name: string, bytes: ArrayBuffer): Promise<StoredEntry | undefined>;
  /** A kept file. @throws SpatialGANError 'DATA' when it is not there or damaged. */
  open(key: string): Promise<LoadedModel>;
  /** Newest first. */
  list(): Promise<readonly StoredEntry[]>;
  remove(key: string): Promise<void>;
}

/** Options of {@link createModelStore}. */
export interface ModelStoreOptions {
  /** Name of the database. Default 'spatialgan-models'. */
  readonly name?: string;
  /** Bytes kept at most; those used longest ago go first. Default 2 GiB. */
  readonly maxBytes?: number;
}

const entryOf = ({ key, name, bytes, sha256: hash, used }: KeptModel): StoredEntry => ({ key, name, size: bytes.size, sha256: hash, used });

/** Opens the store; without IndexedDB or a secure context it loads, and keeps nothing. */
export function createModelStore({ name = 'spatialgan-models', maxBytes = 2 * 2 ** 30 }: ModelStoreOptions = {}): ModelStore {
  let database: Promise<IDBDatabase | undefined> | undefined;
  const db = (): Promise<IDBDatabase | undefined> => (database ??= openDatabase(name));

  /** A kept file whose bytes still are what they were; a damaged one is forgotten. */
  async function checked(key: string): Promise<{ kept: KeptModel; bytes: ArrayBuffer } | undefined> {
    const at = await db();
    const kept = at && (await readKept(at, key).catch(() => undefined));
    if (!kept) return undefined;
    const bytes = await kept.bytes.arrayBuffer().catch(() => undefined);
    if (bytes && (await sha256(bytes)) === kept.sha256) return { kept, bytes };
    await deleteKept(at, key);
    return undefined;
  }
  async function makeRoom(at: IDBDatabase, newest: string): Promise<void> {
    let room = maxBytes;
    for (const { key, size } of (await listKept(at)).map(entryOf).sort((a, b) => b.used - a.used)) {
      room -= size;
      if (room < 0 && key !== newest) await deleteKept(at, key);
    }
  }
  async function write(model: KeptModel): Promise<void> {
    const at = await db();
    if (at && (await writeKept(at, model))) await makeRoom(at, model.key);
  }

  return {
    async load(url, { onProgress = () => {}, sha256: wanted, name: title = url.pathname.split('/').pop() || url.host, signal } = {}) {
      const found = await checked(url.href);
      const isIt = found && (wanted === undefined ? [undefined, found.kept.validator].includes(await askValidator(url, signal)) : found.kept.sha256 === wanted);
      if (isIt) {
        await write({ ...found.kept, used: Date.now() });
        return { bytes: found.bytes, sha256: found.kept.sha256, from: 'cache' };
      }
      const { bytes, validator } = await fetchBytes(url, onProgress, signal);
      const hash = await sha256(bytes);
      if (wanted !== undefined && hash !== undefined && hash !== wanted) {
        throw new SpatialGANError('DATA', `model: expected the file at ${url.href} to hash to ${wanted}, got ${hash}; it is damaged or another one`);
      }
      if (hash !== undefined) await write({ key: url.href, name: title, bytes: new Blob([bytes]), sha256: hash, validator, used: Date.now() });
      return { bytes, ...(hash === undefined ? {} : { sha256: hash }), from: 'network' };
    },
    async keep(title, bytes) {
      const hash = await sha256(bytes);
      if (hash === undefined) return undefined;
      const model: KeptModel = { key: `file:${hash}`, name: title, bytes: new Blob([bytes]), sha256: hash, validator: '', used: Date.now() };
      await write(model);
      return entryOf(model);
    },
    async open(key) {
      const found = await checked(key);
      if (!found) throw new SpatialGANError('DATA', 'model: it is not kept any more, or was damaged; open its file or address again');
      await write({ ...found.kept, used: Date.now() });
      return { bytes: found.bytes, sha256: found.kept.sha256, from: 'cache' };
    },
    async list() {
      const at = await db();
      return at ? (await listKept(at)).map(entryOf).sort((a, b) => b.used - a.used) : [];
    },
    async remove(key) {
      const at = await db();
      if (at) await deleteKept(at, key);
    },
  };
}
