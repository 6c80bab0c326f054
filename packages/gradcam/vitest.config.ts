import { unit } from '@spatialgan-internal/config/vitest';

export default unit({ setupFiles: ['test/registerGradients.ts'] });
