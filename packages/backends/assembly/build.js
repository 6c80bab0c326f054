// Compiles assembly/ twice (plain SIMD, and with relaxed SIMD for fused multiply-add) into src/wasm/kernelBinary.ts.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = dirname(fileURLToPath(import.meta.url));

async function compile(features) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      join(here, 'index.ts'), '--outFile', 'kernels.wasm', '--importMemory', '--maximumMemory', '65536', '--runtime', 'stub', '--noAssert',
      '--stackSize', '0', '--optimizeLevel', '3', '--shrinkLevel', '0', '--use', 'abort=',
      ...features.flatMap((feature) => ['--enable', feature]),
    ],
    { writeFile: (name, data) => { if (name.endsWith('.wasm')) binary = data; } },
  );
  if (error) throw new Error(stderr.toString());
  return binary;
}

const plain = await compile(['simd']);
const relaxed = await compile(['simd', 'relaxed-simd']);
const base64 = (bytes) => Buffer.from(bytes).toString('base64');
writeFileSync(
  join(here, '../src/wasm/kernelBinary.ts'),
  `// Written by \`npm run build:wasm\` from assembly/; do not edit.
/** 128-bit SIMD. */
export const simdKernels = '${base64(plain)}';

/** The same with fused multiply-add. */
export const relaxedKernels = '${base64(relaxed)}';
`,
);
console.log(`simd ${plain.length} bytes, relaxed ${relaxed.length} bytes`);
