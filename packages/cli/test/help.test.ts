import { expect, it } from 'vitest';
import { callCli, spawnCli } from './callCli.js';

const helpOf = async (...words: string[]): Promise<string> => {
  const { code, info } = await callCli(...words, '--help');
  expect(code).toBe(0);
  return info.join('').replace(/\s+/g, ' ');
};

it.each(['train', 'sample', 'edit', 'export', 'convert', 'doctor', 'metrics', 'figures', 'report', 'dataset'])('%s --help shows an example that names the command', async (command) => {
  expect(await helpOf(command)).toMatch(new RegExp(`Examples?: spatialgan ${command}`));
});

it('--help says what the exit codes mean, train --help what gamma is for, and --version is a version', async () => {
  expect(await helpOf()).toContain('Exit codes: 0 done, 1 failed, 2 wrong options, 130 stopped by Ctrl-C');
  expect(await helpOf('train')).toContain('weight of R1; default: 0.0002 x resolution^2 / batch');
  expect((await callCli('--version')).info.join('')).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});

it('doctor names versions, backends and what auto picks, and keeps the noise of drivers away', async () => {
  const { code, info, errors } = await spawnCli(['doctor']);
  expect([code, errors]).toEqual([0, []]);
  for (const name of ['@tensorflow/tfjs-core', 'sharp', '@resvg/resvg-js']) expect(info).toContainEqual(expect.stringMatching(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+`)));
  for (const name of ['node-gpu', 'webgpu', 'node', 'wasm', 'cpu']) expect(info).toContainEqual(expect.stringMatching(new RegExp(`^backend ${name}: (available|not available: .+)$`)));
  expect(info).toContainEqual(expect.stringMatching(/^auto picks \S+: /));
});
