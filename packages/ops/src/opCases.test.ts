import { it } from 'vitest';
import { convolutionCases, describeBackends, featureCases, gradCheck } from '@spatialgan-internal/test-kit';

await describeBackends('every op agrees with its definition in double precision to the second order', () => {
  for (const test of [...convolutionCases, ...featureCases]) {
    it(`${test.op} ${test.variant}`, () => gradCheck(test, { order: test.order }));
  }
}, { only: ['cpu', 'wasm-plain'] });
