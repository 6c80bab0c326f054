const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const tag = (field: number, wire: number): Uint8Array => varint(field * 8 + wire);

function fixed(size: 4 | 8, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** A field of a protobuf message, encoded. */
export type Field = Uint8Array;

export const message = (...fields: readonly Field[]): Uint8Array => concat(fields);
/** int32, int64, enum; a whole number. */
export const int = (field: number, value: number): Field => concat([tag(field, 0), varint(value)]);
export const double = (field: number, value: number): Field => concat([tag(field, 1), fixed(8, (view) => view.setFloat64(0, value, true))]);
export const float = (field: number, value: number): Field => concat([tag(field, 5), fixed(4, (view) => view.setFloat32(0, value, true))]);
/** bytes, or a message within. */
export const bytes = (field: number, value: Uint8Array): Field => concat([tag(field, 2), varint(value.length), value]);
export const text = (field: number, value: string): Field => bytes(field, new TextEncoder().encode(value));

export { concat as concatBytes };
