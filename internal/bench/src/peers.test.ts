import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configurations } from './configurations.js';
import { startPyTorch } from './pytorch.js';
import { interleavedCosts } from './timing.js';

it('runs all pieces in turn, twice to warm up, and keeps the CPU time that another process reports', async () => {
  const order: string[] = [];
  const costs = await interleavedCosts({
    ours: async () => void order.push('ours'),
    theirs: async () => {
      order.push('theirs');
      return 7;
    },
  }, 2);
  expect(order).toEqual(Array.from({ length: 4 }, () => ['ours', 'theirs']).flat());
  expect(costs.theirs.cpu).toBe(7);
  expect(costs.ours.wall).toBeGreaterThanOrEqual(0);
});

it('says why PyTorch is left out where there is no Python, or no torch in it', async () => {
  const missing = await startPyTorch(configurations[0]!, { python: join(tmpdir(), 'no-such-python') });
  expect(missing).toMatchObject({ reason: expect.stringMatching(/^PyTorch: .*ENOENT/) });
  if (!existsSync('/bin/sh')) return;
  const folder = mkdtempSync(join(tmpdir(), 'spatialgan-bench-'));
  try {
    const python = join(folder, 'python');
    writeFileSync(python, '#!/bin/sh\necho "ModuleNotFoundError: No module named \'torch\'" >&2\nexit 1\n', { mode: 0o755 });
    const bare = await startPyTorch(configurations[0]!, { python });
    expect(bare).toMatchObject({ reason: expect.stringMatching(/No module named 'torch'/) });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
