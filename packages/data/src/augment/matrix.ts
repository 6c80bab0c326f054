/** A square matrix, row by row. */
export type Matrix = readonly number[];

const side = (m: Matrix): number => Math.sqrt(m.length);

/** The product of square matrices of one size, left to right. */
export function product(...factors: readonly Matrix[]): Matrix {
  return factors.reduce((a, b) => {
    const n = side(a);
    return a.map((_, i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[row * n + k]! * b[k * n + column]!;
      return sum;
    });
  });
}

export const identity = (n: number): Matrix => Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

export const isIdentity = (m: Matrix): boolean => m.every((value, i) => value === (i % (side(m) + 1) === 0 ? 1 : 0));

export const translate2d = (x: number, y: number): Matrix => [1, 0, x, 0, 1, y, 0, 0, 1];

export const scale2d = (x: number, y: number): Matrix => [x, 0, 0, 0, y, 0, 0, 0, 1];

/** Counterclockwise for y upwards; angle in radians. */
export const rotate2d = (angle: number): Matrix => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, -s, 0, s, c, 0, 0, 0, 1];
};

export const translate3d = (x: number, y: number, z: number): Matrix => [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z, 0, 0, 0, 1];

export const scale3d = (x: number, y: number, z: number): Matrix => [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1];

type Vector3 = readonly [number, number, number];

/** Rotation about a unit axis (Rodrigues); angle in radians. */
export function rotate3d([x, y, z]: Vector3, angle: number): Matrix {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const t = 1 - c;
  return [
    t * x * x + c, t * x * y - s * z, t * x * z + s * y, 0,
    t * y * x + s * z, t * y * y + c, t * y * z - s * x, 0,
    t * z * x - s * y, t * z * y + s * x, t * z * z + c, 0,
    0, 0, 0, 1,
  ];
}

/** v vᵀ as a 4×4 matrix. */
export const outer3d = (v: Vector3): Matrix =>
  Array.from({ length: 16 }, (_, i) => (v[Math.floor(i / 4)] ?? 0) * (v[i % 4] ?? 0));

/** a + factor · b, entry by entry. */
export const plus = (a: Matrix, b: Matrix, factor = 1): Matrix => a.map((value, i) => value + factor * b[i]!);
