// One build recipe for every package: ESM only, one file per entry, declarations beside it.
/** @param {Partial<import('tsup').Options>} [options] @returns {import('tsup').Options} */
export const library = (options = {}) => ({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'es2022',
  // `npm start` runs the JavaScript only; declarations take most of a build's time.
  dts: process.env.SPATIALGAN_JS_ONLY ? false : { compilerOptions: { noEmit: false, composite: false, incremental: false, customConditions: [] } },
  sourcemap: true,
  clean: true,
  splitting: true,
  treeshake: true,
  ...options,
});
