/** Assembles a pickle by hand: text as Latin-1, numbers as bytes. */
export function pickleBytes(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  const arrays = parts.map((part) =>
    typeof part === 'number' ? Uint8Array.of(part) : typeof part === 'string' ? Uint8Array.from(part, (letter) => letter.charCodeAt(0)) : part);
  const bytes = new Uint8Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    bytes.set(array, at);
    at += array.length;
  }
  return bytes;
}

/** SHORT_BINUNICODE. */
export const shortText = (text: string): Uint8Array => pickleBytes(0x8c, text.length, text);

/** STACK_GLOBAL with its two names. */
export const stackGlobal = (module: string, name: string): Uint8Array => pickleBytes(shortText(module), shortText(name), 0x93);

/** A little-endian number of some bytes. */
export function littleEndian(value: number | bigint, bytes: number): Uint8Array {
  const all = new Uint8Array(8);
  new DataView(all.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  return all.subarray(0, bytes);
}

/** BINBYTES. */
export const binBytes = (bytes: Uint8Array): Uint8Array => pickleBytes('B', littleEndian(bytes.length, 4), bytes);

/** What a torch.save stream before version 1.6 begins with: magic number, version, system. */
export const streamOpening = pickleBytes(0x80, 2, 0x8a, 10, 'l\xfc\x9cF\xf9 j\xa8P\x19.', 0x80, 2, 'M\xe9\x03.', 0x80, 2, '}.');

/** A persistent id ('storage', torch.FloatStorage, key, 'cpu', length) put in the place of what it stands for. */
export const floatStorage = (key: string, length: number): Uint8Array =>
  pickleBytes('(', shortText('storage'), 'ctorch\nFloatStorage\n', shortText(key), shortText('cpu'), 'J', littleEndian(length, 4), 'NtQ');

/** A storage of floats inside a pickle: torch.storage._load_from_bytes of a stream. */
export function nestedStorage(values: Float32Array): Uint8Array {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const stream = pickleBytes(streamOpening, floatStorage('0', values.length), '.', ']', shortText('0'), 'a.', littleEndian(values.length, 8), data);
  return pickleBytes('ctorch.storage\n_load_from_bytes\n', binBytes(stream), 0x85, 'R');
}

/** A contiguous vector of floats inside a pickle. */
export const nestedVector = (values: Float32Array): Uint8Array =>
  pickleBytes('ctorch._utils\n_rebuild_tensor_v2\n(', nestedStorage(values), 'K', 0, 'J', littleEndian(values.length, 4), 0x85, 'K', 1, 0x85, 0x89, 'Nt', 'R');
