/** A file of an archive that stores without packing. */
export interface StoredEntry {
  readonly name: string;
  /** Bytes, less than 4 GiB. */
  readonly size: number;
  readonly crc: number;
}

const max16 = 0xffff;
const max32 = 0xffffffff;
const zip64 = 45;
const plain = 20;
const utf8 = 0x800;
/** 1980-01-01, the earliest that a zip can say: the same images give the same bytes whenever they are packed. */
const date = 33;
const ownerWrites = 0o100644;

/** What precedes an entry's data. */
export function localHeader({ name, size, crc }: StoredEntry): Buffer {
  const bytes = Buffer.from(name);
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(plain, 4);
  header.writeUInt16LE(utf8, 6);
  header.writeUInt16LE(date, 12);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(size, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(bytes.length, 26);
  return Buffer.concat([header, bytes]);
}

/** Bytes that an entry takes, its header included. */
export const storedSize = ({ name, size }: StoredEntry): number => 30 + Buffer.byteLength(name) + size;

function centralHeader({ name, size, crc }: StoredEntry, offset: number): Buffer {
  const isFar = offset >= max32;
  const bytes = Buffer.from(name);
  const header = Buffer.alloc(46);
  header.write('PK\x01\x02', 'latin1');
  header.writeUInt8(isFar ? zip64 : plain, 4);
  header.writeUInt8(3, 5); // Unix, for the permissions
  header.writeUInt16LE(isFar ? zip64 : plain, 6);
  header.writeUInt16LE(utf8, 8);
  header.writeUInt16LE(date, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(size, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(bytes.length, 28);
  header.writeUInt16LE(isFar ? 12 : 0, 30);
  header.writeUInt32LE(ownerWrites * 2 ** 16, 38);
  header.writeUInt32LE(Math.min(offset, max32), 42);
  if (!isFar) return Buffer.concat([header, bytes]);
  const extra = Buffer.alloc(12);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8, 2);
  extra.writeBigUInt64LE(BigInt(offset), 4);
  return Buffer.concat([header, bytes, extra]);
}

interface Directory {
  readonly count: number;
  readonly start: number;
  readonly size: number;
}

function zip64End({ count, start, size }: Directory): Buffer {
  const record = Buffer.alloc(76);
  record.write('PK\x06\x06', 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(zip64, 12);
  record.writeUInt16LE(zip64, 14);
  for (const at of [24, 32]) record.writeBigUInt64LE(BigInt(count), at);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  record.write('PK\x06\x07', 56, 'latin1');
  record.writeBigUInt64LE(BigInt(start + size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

function directoryEnd(directory: Directory): Buffer {
  const { count, start, size } = directory;
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  for (const at of [8, 10]) end.writeUInt16LE(Math.min(count, max16), at);
  end.writeUInt32LE(Math.min(size, max32), 12);
  end.writeUInt32LE(Math.min(start, max32), 16);
  const isLarge = count >= max16 || start >= max32 || size >= max32;
  return isLarge ? Buffer.concat([zip64End(directory), end]) : end;
}

/** What follows the entries, which begin at 0 and lie end to end: the list of them, and ZIP64's where they are many or far. */
export function* centralDirectory(entries: Iterable<StoredEntry>): Generator<Buffer> {
  let [offset, size, count] = [0, 0, 0];
  for (const entry of entries) {
    const header = centralHeader(entry, offset);
    offset += storedSize(entry);
    size += header.length;
    count++;
    yield header;
  }
  yield directoryEnd({ count, start: offset, size });
}
