import { type PickleBudget, refusePickle } from './pickleBudget.js';

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });

/** Text of UTF-8; what Python kept of broken file names becomes U+FFFD. */
export function textOf(bytes: Uint8Array, budget: PickleBudget): string {
  if (bytes.length > budget.limits.maxTextBytes) refusePickle(`a text of ${bytes.length} bytes; expected at most ${budget.limits.maxTextBytes}`);
  return utf8.decode(bytes);
}

/** Bytes as characters 0 to 255; short ones only, for numbers and names. */
export function latinOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const backslash = 0x5c;

/** Text of protocol 0: Latin-1 with \\u and \\U escapes. */
export function rawUnicodeOf(line: Uint8Array): string {
  return latinOf(line).replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short: string | undefined, long: string | undefined) => {
    const code = Number.parseInt(short ?? long!, 16);
    return code > 0x10ffff ? refusePickle('a character beyond Unicode; the file is damaged') : String.fromCodePoint(code);
  });
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\', "'": "'", '"': '"', n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** A quoted string of Python 2. */
export function quotedOf(line: Uint8Array): string {
  const text = latinOf(line).trim();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) refusePickle('a string without its quotes; the file is damaged');
  const inner = text.slice(1, -1);
  if (!line.includes(backslash)) return inner;
  return inner.replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([^]))/g, (whole, hex: string | undefined, octal: string | undefined, plain: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return octal !== undefined ? String.fromCharCode(Number.parseInt(octal, 8) & 255) : (escapes[plain!] ?? whole);
  });
}

/** A whole number of Python: a number where that is exact, else a bigint. */
export function integerOf(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A decimal line, `5`, `-7L`, or the old `00` and `01` of False and True. */
export function decimalOf(line: Uint8Array): number | bigint | boolean {
  const text = latinOf(line).trim();
  if (text === '00' || text === '01') return text === '01';
  if (!/^[+-]?\d{1,100}L?$/.test(text)) refusePickle('a number that is none; the file is damaged');
  return integerOf(BigInt(text.replace(/^\+|L$/g, '')));
}

/** A line of Python's repr of a float. */
export function floatOf(line: Uint8Array): number {
  const text = latinOf(line).trim();
  if (/^[+-]?(inf|nan)$/.test(text)) return text.endsWith('nan') ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) refusePickle('a float that is none; the file is damaged');
  return Number(text);
}

/** Two's complement, little-endian. */
export function signedOf(bytes: Uint8Array): number | bigint {
  if (bytes.length > 64) refusePickle(`an integer of ${bytes.length} bytes; expected at most 64`);
  const value = [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return integerOf(bytes.length > 0 ? BigInt.asIntN(bytes.length * 8, value) : 0n);
}
