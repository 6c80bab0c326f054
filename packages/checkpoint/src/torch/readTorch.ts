import { pickleBudget, type PickleBudget, type PickleLimits, refusePickle } from '../pickle/pickleBudget.js';
import { assertPlain, isKind } from '../pickle/pickleValues.js';
import { runPickle } from '../pickle/readPickle.js';
import { isLegacyStream, readLegacyStream } from './legacyStream.js';
import { globalHint, torchGlobals } from './torchGlobals.js';
import { isZip, readTorchZip, type ZipLimits } from './torchZip.js';
import { refuseTorch, type TorchStorage } from './torchValues.js';

/** How a file was written: by `pickle.dump`, by `torch.save` before version 1.6, by it since. */
export type TorchFormat = 'pickle' | 'torch stream' | 'torch zip';

/** A file's value and how it was written. */
export interface TorchFile {
  readonly format: TorchFormat;
  readonly value: unknown;
}

/** A storage inside a pickle is a whole `torch.save` stream; inside that, none. */
function storageOfBytes([stream]: readonly unknown[], budget: PickleBudget): TorchStorage {
  if (!(stream instanceof Uint8Array)) return refusePickle('a storage of no bytes; the file is damaged');
  if (!isLegacyStream(stream)) return refuseTorch('a storage inside the pickle is no torch.save stream; the file is damaged');
  const value = readLegacyStream(stream, budget);
  return isKind<TorchStorage>(value, 'storage') ? value : refuseTorch('a stream inside the pickle holds no storage; the file is damaged');
}

/** Says what a file is that is none of PyTorch's, where its first bytes tell. */
function refuseOthers(bytes: Uint8Array): void {
  const start = String.fromCharCode(...bytes.subarray(0, 512));
  if (bytes.length === 0) refuseTorch('it is empty');
  if (/^\s*<(!doctype|html|\?xml)/i.test(start)) refuseTorch('it is a web page; the download failed');
  if (start.startsWith('version https://git-lfs')) refuseTorch('it is a pointer of Git LFS; fetch the file itself with git lfs pull');
  if (start.startsWith('\x1f\x8b')) refuseTorch('it is packed with gzip; unpack it first');
  if (start.startsWith('\x89HDF')) refuseTorch('it is a file of HDF5');
  if (start.slice(8, 9) === '{' && start.slice(4, 8) === '\0\0\0\0') refuseTorch('it is a safetensors file already');
  if (start.slice(257, 262) === 'ustar') refuseTorch('it is a tar, as PyTorch before 0.1.10 wrote it; save it anew with a later version');
}

function read(bytes: Uint8Array, budget: PickleBudget, limits: ZipLimits): TorchFile {
  refuseOthers(bytes);
  if (isZip(bytes)) return { format: 'torch zip', value: readTorchZip(bytes, budget, limits) };
  const globals = torchGlobals(storageOfBytes);
  if (isLegacyStream(bytes)) return { format: 'torch stream', value: readLegacyStream(bytes, budget, globals) };
  const { value, end } = runPickle(bytes, { globals, budget, hint: globalHint });
  if (end !== bytes.length) refusePickle(`it ends at byte ${end}, the file has ${bytes.length}`);
  return { format: 'pickle', value };
}

/**
 * Reads a file of PyTorch, however it was saved, as plain data; executes nothing, whatever it says.
 *
 * Besides what `readPickle` gives there are records of kind 'tensor', 'storage' and 'persistent'. Bytes share the file's memory.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is damaged, too large or names a class or function that is none of weights.
 */
export function readTorch(bytes: Uint8Array, limits: PickleLimits & ZipLimits = {}): TorchFile {
  const budget = pickleBudget(limits);
  // A Buffer's slices are views of it, and not those of a Uint8Array.
  const file = read(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), budget, limits);
  assertPlain(file.value, budget.limits.maxDepth);
  return file;
}
