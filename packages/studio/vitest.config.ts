import { unit } from '@spatialgan-internal/config/vitest';

export default unit({ globalSetup: 'test/buildPage.ts' });
