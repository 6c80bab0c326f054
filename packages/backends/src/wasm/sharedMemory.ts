/** Sections of a wasm binary that declare memories. */
const [IMPORTS, MEMORIES] = [2, 5];
/** Limits: with a maximum; the same, shared. */
const [BOUNDED, SHARED] = [1, 3];

interface Reader {
  at: number;
}

function leb(bytes: Uint8Array, reader: Reader): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[reader.at++]!;
    value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
}

/** Skips one import but its kind. */
function importKind(bytes: Uint8Array, reader: Reader): number {
  for (let name = 0; name < 2; name++) {
    const length = leb(bytes, reader);
    reader.at += length;
  }
  return bytes[reader.at++]!;
}

/** Where the flags of the (one) memory's limits stand, or null. */
function flagsOf(bytes: Uint8Array): number | null {
  const reader: Reader = { at: 8 };
  while (reader.at < bytes.length) {
    const id = bytes[reader.at++]!;
    const size = leb(bytes, reader);
    const end = reader.at + size;
    if (id === MEMORIES && leb(bytes, reader) === 1) return reader.at;
    if (id === IMPORTS) {
      for (let left = leb(bytes, reader); left > 0; left--) {
        const kind = importKind(bytes, reader);
        if (kind === 2) return reader.at;
        if (kind === 0 || kind === 3) {
          if (kind === 3) reader.at++;
          else leb(bytes, reader);
        } else break; // tables: no module of ours or tfjs's imports one before its memory
      }
    }
    reader.at = end;
  }
  return null;
}

/**
 * The same module with its memory declared shared, so that several threads can work on it; null when it has none with a
 * maximum. Instructions on shared memory are the same, so nothing else of the module changes.
 */
export function withSharedMemory(binary: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(binary);
  const at = flagsOf(bytes);
  if (at === null || bytes[at] !== BOUNDED) return null;
  bytes[at] = SHARED;
  return bytes;
}

type Instantiate = typeof WebAssembly.instantiate;

/**
 * Runs `load`, which instantiates tfjs's wasm module, and makes that module's memory shared meanwhile.
 *
 * tfjs-wasm's own threaded build does not run in Node, and its kernels beside ours are few; its plain build on shared
 * memory is all that our threads need.
 */
export async function instantiatingShared<T>(load: () => Promise<T>): Promise<T> {
  const { instantiate, instantiateStreaming } = WebAssembly;
  const streams = typeof instantiateStreaming === 'function';
  const patched = async (source: BufferSource, imports?: WebAssembly.Imports): Promise<WebAssembly.WebAssemblyInstantiatedSource> => {
    const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
    return instantiate(withSharedMemory(bytes) ?? (source as BufferSource), imports);
  };
  WebAssembly.instantiate = patched as Instantiate;
  if (streams) {
    WebAssembly.instantiateStreaming = async (response, imports) => patched(await (await response).arrayBuffer(), imports);
  }
  try {
    return await load();
  } finally {
    WebAssembly.instantiate = instantiate;
    if (streams) WebAssembly.instantiateStreaming = instantiateStreaming;
  }
}
