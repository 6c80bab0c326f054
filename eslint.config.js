export { house as default } from '@spatialgan-internal/config/eslint';
