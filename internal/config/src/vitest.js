import { defineConfig } from 'vitest/config';

const conditions = ['spatialgan-source', 'module', 'node', 'development|production'];

/**
 * One test recipe for every package: sources instead of builds; `npm test` sets the workers, a lone run uses one.
 * In CI a failed test runs again: browsers, killed processes and a busy machine are part of what is tested. The report names what was retried.
 */
export const unit = (test = {}) =>
  defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: ['spatialgan-source', 'node'] } },
    test: {
      include: ['src/**/*.test.ts'],
      pool: 'forks',
      maxWorkers: Number(process.env.SPATIALGAN_TEST_WORKERS ?? 1),
      testTimeout: 60_000,
      hookTimeout: 60_000,
      retry: process.env.CI ? 2 : 0,
      ...test,
    },
  });
