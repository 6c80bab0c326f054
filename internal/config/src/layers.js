// The house's layers in one table: lint, and the test beside this file, read nothing else.

/**
 * Layer of each published package. A package imports lower layers only; siblings never import each other.
 *
 * @type {Readonly<Record<string, number>>}
 */
export const layerOf = {
  schema: 0,
  core: 1,
  ops: 2,
  backends: 3,
  heatmap: 3,
  stylegan2: 3,
  sel: 3,
  gradcam: 3,
  checkpoint: 3,
  data: 3,
  onnx: 3,
  trainer: 4,
  metrics: 4,
  model: 5,
  'editor-sdk': 5,
  share: 5,
  studio: 6,
  cli: 7,
};

/**
 * Packages that may import less than their layer allows, because they must install into foreign projects.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const only = {
  gradcam: ['core', 'schema'],
  checkpoint: ['core', 'schema'],
  data: ['ops', 'core', 'schema'],
  onnx: ['core', 'schema'],
  'editor-sdk': ['schema'],
  share: ['schema'],
};

/** Edges that the layers would allow and the design forbids: `[importer, imported]`. */
export const forbidden = [['trainer', 'stylegan2']];

/** Packages that must run without TensorFlow.js. */
export const tensorFree = ['schema', 'editor-sdk', 'share'];

/** @param {string} folder */
export const npmNameOf = (folder) => (folder === 'cli' ? 'spatialgan' : `@spatialgan/${folder}`);

/**
 * Folder of the package that an import specifier names (`@spatialgan/ops/wasm` → `ops`), or null for others.
 *
 * @param {string} specifier
 */
export function folderOf(specifier) {
  if (specifier === 'spatialgan' || specifier.startsWith('spatialgan/')) return 'cli';
  return /^@spatialgan\/([^/]+)/.exec(specifier)?.[1] ?? null;
}

/**
 * Says why a package may not import another, or returns null when it may.
 *
 * @param {string} importer folder under packages/
 * @param {string} imported folder under packages/
 */
export function layerViolation(importer, imported) {
  const from = layerOf[importer];
  const to = layerOf[imported];
  if (from === undefined || to === undefined) {
    return `'${from === undefined ? importer : imported}' has no layer; add it to internal/config/src/layers.js`;
  }
  if (importer === imported) return 'a package imports itself by relative paths';
  const allowed = only[importer];
  if (allowed && !allowed.includes(imported)) return `${importer} imports nothing but ${allowed.join(', ')}`;
  if (to >= from) return `${importer} is of layer ${from} and imports lower layers only, ${imported} is of layer ${to}`;
  if (forbidden.some(([a, b]) => a === importer && b === imported)) return `${importer} never imports ${imported}`;
  return null;
}
