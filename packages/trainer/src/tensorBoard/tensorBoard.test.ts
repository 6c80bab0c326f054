import { expect, it } from 'vitest';
import { createEventWriter } from './eventWriter.js';

/** A reader that shares no line with the writer: bitwise checksums, any protobuf as a tree of fields. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}
const masked = (bytes: Uint8Array): number => (((crc32c(bytes) >>> 15) | (crc32c(bytes) << 17)) + 0xa282ead8) >>> 0;

function* recordsOf(file: Uint8Array): Generator<Buffer> {
  const data = Buffer.from(file);
  for (let at = 0; at < data.length; ) {
    const size = Number(data.readBigUInt64LE(at));
    expect(data.readUInt32LE(at + 8)).toBe(masked(data.subarray(at, at + 8)));
    const record = data.subarray(at + 12, at + 12 + size);
    expect(data.readUInt32LE(at + 12 + size)).toBe(masked(record));
    yield record;
    at += 16 + size;
  }
}

type Value = bigint | number | Buffer;
function fieldsOf(data: Buffer): Map<number, Value[]> {
  const fields = new Map<number, Value[]>();
  let at = 0;
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = data[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      shift += 7n;
    }
  };
  while (at < data.length) {
    const key = Number(varint());
    const read = (size: number): Buffer => data.subarray(at, (at += size));
    const wire = key & 7;
    const value = wire === 0 ? varint() : wire === 1 ? read(8).readDoubleLE() : wire === 5 ? read(4).readFloatLE() : read(Number(varint()));
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

const first = (fields: Map<number, Value[]>, field: number): Value | undefined => fields.get(field)?.[0];
/** Event: 1 wall time, 2 step, 3 version, 5 summary of values: 1 tag, 2 number, 4 image (1 height, 2 width, 3 colours, 4 bytes). */
function eventsOf(file: Uint8Array): unknown[] {
  return [...recordsOf(file)].map((record) => {
    const event = fieldsOf(record);
    const summary = first(event, 5) as Buffer | undefined;
    const values = summary ? fieldsOf(summary).get(1)!.map((value) => {
      const parts = fieldsOf(value as Buffer);
      const image = first(parts, 4) as Buffer | undefined;
      const shape = image && [1, 2, 3].map((field) => Number(first(fieldsOf(image), field)));
      return [(first(parts, 1) as Buffer).toString(), image ? [...shape!, (first(fieldsOf(image), 4) as Buffer).toString('hex')] : first(parts, 2)];
    }) : [];
    return { time: first(event, 1), step: Number(first(event, 2) ?? 0n), version: first(event, 3)?.toString(), values: Object.fromEntries(values) as unknown };
  });
}

async function written(): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const writer = createEventWriter({ append: async (bytes) => void parts.push(bytes), now: () => 1_700_000_000_500 });
  await writer.scalars(300, { 'Loss/D/adversarial': 1.25, 'Progress/augment': -0.5 });
  await writer.scalars(2 ** 40, { schön: Infinity });
  await writer.image(4000, 'fakes', { png: Uint8Array.from([0x89, 0x50, 0x4e, 0x47]), width: 300, height: 2 });
  return Buffer.concat(parts);
}

/** What Python's `tensorboard` 2.21.0 writes for the events of `written` (its `RecordWriter` and protobuf classes). */
const golden = Buffer.from(
  'GAAAAAAAAACjf0siCQAAIED8VNlBGg1icmFpbi5FdmVudDoyKzUxEEIAAAAAAAAAefNuqgkAACBA/FTZQRCsAio0ChkKEkxvc3MvRC9hZHZlcnNhcmlhbBUA' +
  'AKA/ChcKEFByb2dyZXNzL2F1Z21lbnQVAAAAv3CrCCkhAAAAAAAAAAF77PYJAAAgQPxU2UEQgICAgIAgKg8KDQoGc2Now7ZuFQAAgH/6w1V2JgAAAAAAAABz' +
  'T+MACQAAIED8VNlBEKAfKhgKFgoFZmFrZXMiDQgCEKwCGAMiBIlQTkc2t2vJ',
  'base64',
);

it('writes checksummed records that an independent reader understands', async () => {
  const time = 1_700_000_000.5;
  expect(eventsOf(await written())).toEqual([
    { time, step: 0, version: 'brain.Event:2', values: {} },
    { time, step: 300, version: undefined, values: { 'Loss/D/adversarial': 1.25, 'Progress/augment': -0.5 } },
    { time, step: 2 ** 40, version: undefined, values: { schön: Infinity } },
    { time, step: 4000, version: undefined, values: { fakes: [2, 300, 3, '89504e47'] } },
  ]);
});

it('writes the bytes that the Python package tensorboard writes', async () => {
  expect(Buffer.from(await written()).equals(golden)).toBe(true);
  expect(eventsOf(golden)).toHaveLength(4);
});
