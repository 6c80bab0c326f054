import { unit } from '@spatialgan-internal/config/vitest';

export default unit();
