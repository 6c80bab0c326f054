import { unit } from '@spatialgan-internal/config/vitest';

export default unit({
  globalSetup: ['src/packedInstall.ts'],
  testTimeout: 180_000,
  hookTimeout: 900_000,
});
