/**
 * The pages of an LMDB file of data format 1: what liblmdb 0.9, and so Python's `lmdb` and LSUN's files, writes on
 * little-endian 64-bit machines.
 *
 * Source: `mdb.c` of LMDB 0.9 (MDB_page, MDB_meta, MDB_db, MDB_node).
 */

export const pageHeaderBytes = 16;
const magic = 0xbeefc0de;
const formatVersion = 1;
const flagOf = { branch: 1, leaf: 2, overflow: 4, meta: 8, leaf2: 0x20 } as const;
const nodeFlags = { big: 1, sub: 2, duplicates: 4 } as const;
/** A root that is none. */
const noPage = 0xffffffffffffffffn;

/** Where the newest state of a file is. */
export interface LmdbMeta {
  readonly pageSize: number;
  readonly root: number | undefined;
  readonly depth: number;
  readonly entries: number;
  /** Number of pages in use. */
  readonly pages: number;
  readonly transaction: number;
}

/** A key, and what it leads to. */
export interface LmdbNode {
  readonly key: Buffer;
  /** Branch: the page below. */
  readonly child: number;
  /** Leaf: the bytes, or on which overflow page they begin. */
  readonly size: number;
  readonly inline: Buffer | undefined;
  readonly overflow: number;
}

const bad = (what: string): Error => new Error(what);

/** Reads a number that a file's sizes keep below 2⁵³. */
function wide(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw bad('a page number in it is out of range');
  return Number(value);
}

/** Tells whether a file's first bytes are LMDB's, of whatever version. */
export const looksLikeLmdb = (head: Buffer): boolean => head.length >= 32 && (head.readUInt32LE(16) === magic || head.readUInt32LE(24) === magic);

/** Reads a meta page; throws a plain Error that says why it is none. */
export function readMeta(page: Buffer): LmdbMeta {
  if (page.length < 152) throw bad('it is cut off');
  if (page.readUInt32LE(24) === magic) throw bad(`it is of LMDB's data format ${page.readUInt32LE(28)}, which liblmdb 0.9 and LSUN do not write; pack it as a folder or zip of images`);
  if (page.readUInt32LE(16) !== magic) throw bad('it is no LMDB file of a little-endian 64-bit machine');
  const version = page.readUInt32LE(20);
  if (version !== formatVersion) throw bad(`expected LMDB's data format ${formatVersion}, got ${version}`);
  const pageSize = page.readUInt32LE(40);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) throw bad(`its page size of ${pageSize} is invalid`);
  const main = 88;
  if ((page.readUInt16LE(main + 4) & ~8) !== 0) throw bad('its keys have several values or are reversed, as no set of images has');
  const root = page.readBigUInt64LE(main + 40);
  return {
    pageSize,
    root: root === noPage ? undefined : wide(page, main + 40),
    depth: page.readUInt16LE(main + 6),
    entries: wide(page, main + 32),
    pages: wide(page, 136) + 1,
    transaction: wide(page, 144),
  };
}

/** Pages that an overflow page's value goes on over. */
export function overflowPages(page: Buffer): number {
  if (!(page.readUInt16LE(10) & flagOf.overflow)) throw bad('a long value in it leads to a page of another kind');
  return page.readUInt32LE(12);
}

function readNode(page: Buffer, at: number, isBranch: boolean): LmdbNode {
  if (at < pageHeaderBytes || at + 8 > page.length) throw bad('a page in it points outside itself');
  const [low, high, flags, keySize] = [page.readUInt16LE(at), page.readUInt16LE(at + 2), page.readUInt16LE(at + 4), page.readUInt16LE(at + 6)];
  const keyEnd = at + 8 + keySize;
  if (keyEnd > page.length) throw bad('a key in it is longer than its page');
  const key = page.subarray(at + 8, keyEnd);
  if (isBranch) return { key, child: low + high * 2 ** 16 + flags * 2 ** 32, size: 0, inline: undefined, overflow: 0 };
  if (flags & (nodeFlags.sub | nodeFlags.duplicates)) throw bad('it holds databases inside a database; images have to be in the main one');
  const size = low + high * 2 ** 16;
  const isBig = (flags & nodeFlags.big) !== 0;
  if (keyEnd + (isBig ? 8 : size) > page.length) throw bad('a value in it is longer than its page');
  return { key, child: 0, size, inline: isBig ? undefined : page.subarray(keyEnd, keyEnd + size), overflow: isBig ? wide(page, keyEnd) : 0 };
}

/** A branch or leaf page's nodes in the order of their keys; the first key of a branch is empty and below all others. */
export function readNodes(page: Buffer): { readonly isBranch: boolean; readonly nodes: readonly LmdbNode[] } {
  const flags = page.readUInt16LE(10);
  const isBranch = (flags & flagOf.branch) !== 0;
  if (!isBranch && !(flags & flagOf.leaf)) throw bad('a page in it is neither branch nor leaf');
  if (flags & flagOf.leaf2) throw bad('its keys have several values, as no set of images has');
  const count = (page.readUInt16LE(12) - pageHeaderBytes) / 2;
  if (!Number.isInteger(count) || count < 0 || pageHeaderBytes + 2 * count > page.length) throw bad('a page in it says that it holds more than it can');
  const nodes = Array.from({ length: count }, (_, i) => readNode(page, page.readUInt16LE(pageHeaderBytes + 2 * i), isBranch));
  return { isBranch, nodes };
}
