import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderOf, layerViolation, tensorFree } from './layers.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** @param {string} filename @returns {{ group: string, folder: string, isTest: boolean, isSource: boolean } | null} */
function placeOf(filename) {
  const path = relative(root, filename);
  if (path.startsWith('..') || isAbsolute(path)) return null;
  const [group, folder, area] = path.split(sep);
  if (!group || !folder || !['packages', 'internal', 'examples'].includes(group)) return null;
  return { group, folder, isTest: /\.(test|test-d)\.tsx?$/.test(path), isSource: area === 'src' };
}

/** @param {NonNullable<ReturnType<typeof placeOf>>} place @param {string} specifier @param {string} filename */
function complaint(place, specifier, filename) {
  if (specifier.startsWith('.')) {
    const home = resolve(root, place.group, place.folder) + sep;
    return resolve(filename, '..', specifier).startsWith(home) ? null : 'a relative import stays in its package; use the published name';
  }
  if (specifier === '@tensorflow/tfjs' || specifier.startsWith('@tensorflow/tfjs/')) {
    return "import from '@tensorflow/tfjs-core'; the union package registers everything";
  }
  if (specifier.startsWith('@tensorflow/tfjs-core/dist')) return 'deep imports of tfjs fail in Node ESM';
  if (place.group === 'internal') return null;
  if (specifier.startsWith('@spatialgan-internal/')) {
    return place.isSource && (place.group === 'examples' || !place.isTest) ? 'published code never imports internal packages' : null;
  }
  if (place.group === 'examples') return null;
  if (specifier.startsWith('@tensorflow/') && place.isSource && tensorFree.includes(place.folder)) {
    return `${place.folder} runs without TensorFlow.js`;
  }
  const imported = folderOf(specifier);
  return imported === null || !place.isSource ? null : layerViolation(place.folder, imported);
}

/** Reports imports that break the table of layers.js: static, dynamic, re-exports and `import('…')` types alike. */
export const layersRule = {
  meta: { type: 'problem', schema: [], messages: { layer: "import of '{{specifier}}': {{why}}" } },
  /** @param {any} context */
  create(context) {
    const place = placeOf(context.filename);
    if (!place) return {};
    /** @param {any} source */
    const check = (source) => {
      const specifier = source?.value ?? source?.literal?.value;
      if (typeof specifier !== 'string') return;
      const why = complaint(place, specifier, context.filename);
      if (why) context.report({ node: source, messageId: 'layer', data: { specifier, why } });
    };
    return {
      ImportDeclaration: (/** @type {any} */ node) => check(node.source),
      ExportNamedDeclaration: (/** @type {any} */ node) => check(node.source),
      ExportAllDeclaration: (/** @type {any} */ node) => check(node.source),
      ImportExpression: (/** @type {any} */ node) => check(node.source),
      TSImportType: (/** @type {any} */ node) => check(node.source ?? node.argument),
    };
  },
};
