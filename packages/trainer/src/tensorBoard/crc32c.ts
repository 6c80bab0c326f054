/** The reflected Castagnoli polynomial. */
const polynomial = 0x82f63b78;

function tableOf(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}

/** A checksum of bytes as an unsigned integer. */
export type Checksum = (bytes: Uint8Array) => number;

/** CRC-32C (Castagnoli), as TFRecord masks it: rotated right by 15 bits, plus a constant. */
export function createMaskedCrc32c(): Checksum {
  const table = tableOf();
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
    crc = ~crc >>> 0;
    return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  };
}
