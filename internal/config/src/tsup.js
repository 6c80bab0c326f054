// One build recipe for every package: ESM only, one file per entry. Declarations are scripts/declarations.mjs's.
/** @param {Partial<import('tsup').Options>} [options] @returns {import('tsup').Options} */
export const library = (options = {}) => ({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'es2022',
  dts: false,
  sourcemap: true,
  clean: true,
  splitting: true,
  treeshake: true,
  ...options,
});
