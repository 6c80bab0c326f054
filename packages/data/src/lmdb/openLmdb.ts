import { type FileHandle, open } from 'node:fs/promises';
import { type LmdbMeta, type LmdbNode, overflowPages, pageHeaderBytes, readMeta, readNodes } from './lmdbPages.js';

/** An LMDB file that is only read; errors are plain and say what is wrong with the file. */
export interface Lmdb {
  readonly entries: number;
  /** All keys, in order of their bytes. */
  keys(): AsyncGenerator<Buffer>;
  /** A key's value; undefined for a key that it does not hold. */
  get(key: Buffer): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** Pages between the root and a leaf in LMDB itself (CURSOR_STACK). */
const maxDepth = 32;
const maxBranches = 4096;
const maxValue = 128 * 2 ** 20;

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead !== length) throw new Error(`it is cut off: ${length} bytes at ${at} are wanted, ${bytesRead} are there`);
  return bytes;
}

/** The newer of a file's two states; one alone may be half written. */
async function readState(file: FileHandle): Promise<LmdbMeta> {
  const first = readMeta(await readAt(file, 0, 152));
  const second = await readAt(file, first.pageSize, 152).then(readMeta);
  return second.transaction > first.transaction ? second : first;
}

/** The node of a branch whose page may hold a key: the last whose own key is not above it. The first has no key of its own. */
function childFor(nodes: readonly LmdbNode[], key: Buffer): LmdbNode | undefined {
  let [low, high] = [0, nodes.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (Buffer.compare(nodes[middle]!.key, key) <= 0) low = middle;
    else high = middle - 1;
  }
  return nodes[low];
}

/** Opens the file itself (`data.mdb`, not its folder). Throws a plain Error. */
export async function openLmdb(path: string): Promise<Lmdb> {
  const file = await open(path, 'r');
  const state = await readState(file).catch(async (cause: unknown) => {
    await file.close();
    throw cause;
  });
  const { pageSize, pages, root, entries } = state;
  const branches = new Map<number, ReturnType<typeof readNodes>>();

  const pageAt = async (number: number, count = 1): Promise<Buffer> => {
    if (number < 2 || number + count > pages) throw new Error(`it leads to page ${number}, and has ${pages}`);
    return readAt(file, number * pageSize, count * pageSize);
  };
  const nodesAt = async (number: number): Promise<ReturnType<typeof readNodes>> => {
    const known = branches.get(number);
    if (known) return known;
    const read = readNodes(await pageAt(number));
    if (read.isBranch && branches.size < maxBranches) branches.set(number, read);
    return read;
  };
  const valueOf = async ({ size, inline, overflow }: LmdbNode): Promise<Buffer> => {
    if (inline) return Buffer.from(inline);
    if (size > maxValue) throw new Error(`it has ${size} bytes, more than the limit of ${maxValue}`);
    const count = Math.ceil((pageHeaderBytes + size) / pageSize);
    const bytes = await pageAt(overflow, count);
    if (overflowPages(bytes) < count) throw new Error('it is longer than its pages');
    return bytes.subarray(pageHeaderBytes, pageHeaderBytes + size);
  };
  async function* keysBelow(number: number, depth: number): AsyncGenerator<Buffer> {
    if (depth > maxDepth) throw new Error('its tree is deeper than a tree of LMDB gets');
    const { isBranch, nodes } = await nodesAt(number);
    for (const { key, child } of nodes) {
      if (isBranch) yield* keysBelow(child, depth + 1);
      else yield key;
    }
  }
  return {
    entries,
    async *keys() {
      let seen = 0;
      for await (const key of root === undefined ? [] : keysBelow(root, 1)) {
        // A tree that leads back into itself gives keys without end.
        if (++seen > entries) throw new Error(`it says that it has ${entries} entries, and has more`);
        yield key;
      }
    },
    async get(key) {
      let at = root;
      for (let depth = 1; at !== undefined && depth <= maxDepth; depth++) {
        const { isBranch, nodes } = await nodesAt(at);
        if (!isBranch) {
          const found = nodes.find((node) => node.key.equals(key));
          return found && valueOf(found);
        }
        at = childFor(nodes, key)?.child;
      }
      return undefined;
    },
    close: () => file.close(),
  };
}
