import { LongestFirst } from '@spatialgan-internal/config/longestFirst';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { projects: ['packages/*', 'internal/*', 'examples/*'], sequence: { sequencer: LongestFirst } },
});
