import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

/** Gzipped bytes of what a page pays for an import, everything it needs included. */
async function weightOf(code: string): Promise<{ readonly bytes: number; readonly inputs: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true, minify: true, format: 'esm', target: 'es2022', write: false, metafile: true, conditions: ['spatialgan-source'], platform: 'neutral',
  });
  return { bytes: gzipSync(outputFiles[0]!.contents, { level: 9 }).length, inputs: Object.keys(metafile.inputs) };
}

it('weighs at most 30 KB without its face, of which nothing comes along', async () => {
  const { bytes, inputs } = await weightOf(`export { createEditor, handleKey, documentFromJson } from './index.ts';`);
  expect(bytes).toBeLessThanOrEqual(30_000);
  expect(inputs.some((file) => file.includes('createEditor'))).toBe(true);
  expect(inputs.filter((file) => !/packages\/(editor-sdk|schema)\/src|<stdin>|^src\/|^\.\.\/schema\/src/.test(file))).toEqual([]);
});
