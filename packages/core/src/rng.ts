import { type Tensor, tensor } from '@tensorflow/tfjs-core';

/** One of several parts of equal size of a batch: samples index, index + parts, index + 2·parts, … */
export interface BatchPart {
  readonly index: number;
  readonly parts: number;
}

/**
 * Seeded, splittable randomness; library code draws from nothing else.
 *
 * A stream is determined by its key. `split(label)` depends on the key and the label only, never on
 * how much was drawn before, so a run resumes exactly from its seed and step number.
 */
export interface Rng {
  /**
   * Set while a batch is computed in parts: tensors that are drawn are then this part's rows of what the whole batch
   * would draw (their first axis is the batch), and numbers are those of the whole batch. What is split off keeps it.
   */
  readonly part?: BatchPart;
  /** In [0, 1). */
  uniform(): number;
  /** N(0, 1). */
  normal(): number;
  /** Integer in [0, bound). */
  integer(bound: number): number;
  /** An independent stream; the same label always gives the same one. Of a `part` of the batch where one is named. */
  split(label: string, part?: BatchPart): Rng;
  /** N(0, 1) entries. The caller owns the tensor. */
  normalTensor<T extends Tensor>(shape: readonly number[]): T;
  /** Entries in [0, 1). The caller owns the tensor. */
  uniformTensor<T extends Tensor>(shape: readonly number[]): T;
}

type Key = readonly [number, number, number, number];

/** 128-bit string hash (four lanes of multiply-xorshift mixing), seeded by a key. */
function deriveKey(key: Key, label: string): Key {
  let [a, b, c, d] = key;
  for (let i = 0; i <= label.length; i++) {
    const code = i < label.length ? label.charCodeAt(i) : 0x10000 + label.length;
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ (a >>> 15) ^ code, 0x85ebca77);
    c = Math.imul(c ^ (b >>> 13), 0xc2b2ae3d);
    d = Math.imul(d ^ (c >>> 16), 0x27d4eb2f);
    a = (a + d) | 0;
  }
  for (let round = 0; round < 4; round++) {
    a = Math.imul(a ^ (d >>> 15), 0x2c1b3c6d);
    b = Math.imul(b ^ (a >>> 12), 0x297a2d39);
    c = Math.imul(c ^ (b >>> 15), 0x85ebca6b);
    d = Math.imul(d ^ (c >>> 13), 0xc2b2ae35);
  }
  return [a, b, c, d];
}

const TWO_POW_MINUS_53 = 2 ** -53;

function streamOf(key: Key, part?: BatchPart): Rng {
  let [s0, s1, s2, s3] = key;
  if ((s0 | s1 | s2 | s3) === 0) s0 = 1;
  // xoshiro128** 1.1 (Blackman, Vigna)
  const next = (): number => {
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result >>> 0;
  };
  const uniform = (): number => ((next() >>> 5) * 67108864 + (next() >>> 6)) * TWO_POW_MINUS_53;
  // Box–Muller; 1 - u lies in (0, 1], so the logarithm is finite.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const fill = <T extends Tensor>(shape: readonly number[], draw: () => number, words: number): T => {
    const data = new Float32Array(shape.reduce((n, d) => n * d, 1));
    const { index, parts } = part ?? { index: 0, parts: 1 };
    const row = shape.length > 0 ? data.length / Math.max(1, shape[0]!) : 1;
    const skip = (rows: number): void => {
      for (let n = rows * row * words; n > 0; n--) next();
    };
    for (let i = 0; i < data.length; i += row) {
      skip(index);
      for (let j = i; j < i + row; j++) data[j] = draw();
      skip(parts - 1 - index);
    }
    return tensor(data, [...shape]) as T;
  };
  return {
    ...(part ? { part } : {}),
    uniform,
    normal,
    integer: (bound) => Math.floor(uniform() * bound),
    split: (label, of = part) => streamOf(deriveKey(key, label), of),
    normalTensor: (shape) => fill(shape, normal, 4),
    uniformTensor: (shape) => fill(shape, uniform, 2),
  };
}

/** The stream of a seed (any finite number). */
export function createRng(seed: number): Rng {
  return streamOf(deriveKey([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], `seed:${seed}`));
}
