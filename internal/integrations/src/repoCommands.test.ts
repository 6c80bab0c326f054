import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

it('npx spatialgan runs from the repository, as the README says', () => {
  const { status, stdout } = spawnSync('npx', ['--no-install', 'spatialgan', '--version'], {
    cwd: root, encoding: 'utf8', timeout: 110_000, shell: process.platform === 'win32',
  });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/)]);
}, 120_000);
