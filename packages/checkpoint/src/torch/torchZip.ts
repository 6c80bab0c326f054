import { unzipSync, type UnzipFileInfo } from 'fflate';
import { dtypeSize } from '../dtypes.js';
import { type PickleBudget } from '../pickle/pickleBudget.js';
import { runPickle } from '../pickle/readPickle.js';
import { storageId } from './legacyStream.js';
import { globalHint, storageDtype, torchGlobals } from './torchGlobals.js';
import { refuseTorch, type TorchStorage } from './torchValues.js';

/** Limits of what comes out of a zip. */
export interface ZipLimits {
  /** Bytes of all entries read. Default 4 GiB. */
  readonly maxUnpacked?: number;
}

const maxEntries = 20_000;
const maxPickleBytes = 2 ** 28;
/** `torch.save` stores without packing; zips made anew by hand rarely halve random weights. */
const maxRatio = 200;

/** Tells a zip, as `torch.save` writes since version 1.6. */
export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

const shown = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

/** Lists a zip without unpacking; refuses what lies about sizes. */
function listEntries(bytes: Uint8Array): ReadonlyMap<string, UnzipFileInfo> {
  const entries = new Map<string, UnzipFileInfo>();
  unzipped(bytes, (file) => {
    const { name, size, originalSize, compression } = file;
    if (entries.has(name)) refuseTorch(`the zip has two entries ${shown(name)}`);
    if (entries.size >= maxEntries) refuseTorch(`the zip has more than ${maxEntries} entries`);
    if (compression === 0 ? size !== originalSize : compression !== 8 || originalSize > maxRatio * size) {
      refuseTorch(`entry ${shown(name)} of the zip states ${originalSize} bytes from ${size}: damaged, or built to exhaust memory`);
    }
    if (size > bytes.length) refuseTorch(`entry ${shown(name)} of the zip is larger than the file; it is cut off or damaged`);
    entries.set(name, file);
    return false;
  });
  return entries;
}

function unzipped(bytes: Uint8Array, filter: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'SpatialGANError') throw cause;
    return refuseTorch('the zip is cut off or damaged');
  }
}

function unzipOne(bytes: Uint8Array, { name, originalSize }: UnzipFileInfo): Uint8Array {
  const content = unzipped(bytes, (file) => file.name === name)[name];
  if (content?.length !== originalSize) return refuseTorch(`entry ${shown(name)} of the zip is cut off or damaged`);
  return content;
}

/**
 * Reads what `torch.save` writes since version 1.6: a zip of data.pkl and one entry a storage, unpacked when it is asked for.
 *
 * @returns a value that is not yet known to be free of cycles.
 */
export function readTorchZip(bytes: Uint8Array, budget: PickleBudget, { maxUnpacked = 2 ** 32 }: ZipLimits = {}): unknown {
  const entries = listEntries(bytes);
  const pickles = [...entries.values()].filter(({ name }) => /^[^/]*\/?data\.pkl$/.test(name));
  const pickle = pickles[0];
  if (!pickle || pickles.length > 1) return refuseTorch('the zip holds no data.pkl; it is none of torch.save');
  if (pickle.originalSize > maxPickleBytes) refuseTorch(`data.pkl of ${pickle.originalSize} bytes; expected at most ${maxPickleBytes}`);
  const root = pickle.name.slice(0, -'data.pkl'.length);
  const order = entries.get(`${root}byteorder`);
  if (order && order.originalSize < 16 && new TextDecoder().decode(unzipOne(bytes, order)).trim() === 'big') {
    refuseTorch('it was written on a big-endian machine; save it anew on another');
  }
  let left = maxUnpacked;
  const storages = new Map<string, TorchStorage>();
  const load = (id: unknown): TorchStorage => {
    const { storageClass, key, length } = storageId(id);
    const known = storages.get(key);
    if (known) return known;
    const dtype = storageDtype(storageClass);
    const entry = entries.get(`${root}data/${key}`);
    if (entry?.originalSize !== length * dtypeSize(dtype)) {
      return refuseTorch(`storage ${shown(key)} should have ${length} elements of ${dtype}, the zip has ${entry?.originalSize ?? 'no'} bytes for it; the file is damaged`);
    }
    let content: Uint8Array | undefined;
    const bytesOf = (): Uint8Array => {
      if (content) return content;
      // Each look-up runs through the directory once more.
      budget.spend('copied', entries.size);
      left -= entry.originalSize;
      if (left < 0) refuseTorch(`it unpacks to more than ${maxUnpacked} bytes; raise maxUnpacked if you trust it`);
      return (content = unzipOne(bytes, entry));
    };
    const storage: TorchStorage = { kind: 'storage', dtype, length, bytes: bytesOf };
    storages.set(key, storage);
    return storage;
  };
  const { value } = runPickle(unzipOne(bytes, pickle), { globals: torchGlobals(), budget, hint: globalHint, persistentLoad: load });
  return value;
}
