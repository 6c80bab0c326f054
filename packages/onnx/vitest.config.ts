import { unit } from '@spatialgan-internal/config/vitest';

// Under test/, because it uses backends and ops, which the package itself must not know.
export default unit({ include: ['test/**/*.test.ts'] });
