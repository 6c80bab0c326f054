import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { callCli } from './callCli.js';

const folder = mkdtempSync(join(tmpdir(), 'spatialgan-onnx-'));
const bundled = fileURLToPath(new URL('../../../models/avatars/model.safetensors', import.meta.url));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('writes the bundled generator as ONNX, with the licence of its data', async () => {
  const out = join(folder, 'faces.onnx');
  const { code, info } = await callCli('export', '--model', bundled, '--out', out);
  expect(code).toBe(0);
  expect(info.join()).toMatch(/as ONNX \(opset 17, batch 1, whole\), [\d.]+ MiB/);
  const text = readFileSync(out, 'latin1');
  for (const word of ['regions', 'psi', 'image', 'ConvTranspose', 'CC BY 4.0']) expect(text).toContain(word);
});

it('wants a name that says what to write', async () => {
  const { code, errors } = await callCli('export', '--model', bundled, '--out', join(folder, 'faces.pkl'));
  expect(code).not.toBe(0);
  expect(errors.join()).toMatch(/ends in \.safetensors or \.onnx, got '.*faces\.pkl'/);
});
