import { unit } from '@spatialgan-internal/config/vitest';

export default unit({ include: ['test/**/*.test.ts'] });
