const scratch = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));

/** Bits of a float32. */
function bitsOf(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

function valueOf(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** `value / 2^shift` rounded to the nearest integer, ties to even; shift of 1 to 31. */
function shiftRight(value: number, shift: number): number {
  const whole = value >>> shift;
  const rest = value - whole * 2 ** shift;
  const half = 2 ** (shift - 1);
  return rest > half || (rest === half && (whole & 1) === 1) ? whole + 1 : whole;
}

/** The nearest IEEE half of a number (ties to even); what exceeds 65504 by rounding becomes infinite. */
export function halfBits(value: number): number {
  const bits = bitsOf(value);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent === 143) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200 | (mantissa >>> 13));
  if (exponent >= 31) return sign | 0x7c00;
  // A mantissa that rounds up to the next power of two carries into the exponent, as it should.
  if (exponent > 0) return sign | Math.min((exponent << 10) + shiftRight(mantissa, 13), 0x7c00);
  const shift = 14 - exponent;
  return shift > 24 ? sign : sign | shiftRight(mantissa | 0x800000, shift);
}

/** The number that a half stands for; exact. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const mantissa = bits & 0x3ff;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
  return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : mantissa * 2 ** -24);
}

/** The nearest bfloat16 of a number, ties to even. */
export function bfloatBits(value: number): number {
  const bits = bitsOf(value);
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  return shiftRight(bits, 16);
}

/** The number that a bfloat16 stands for; exact. */
export function bfloatValue(bits: number): number {
  return valueOf(bits << 16);
}
