export { type Check } from './check.js';
export { lossPluginChecks, type LossPluginChecksOptions } from './lossPluginChecks.js';
export { type ConformanceNetworks, toyNetworks } from './toyNetworks.js';
export { trainerPluginChecks, type TrainerPluginChecksOptions } from './trainerPluginChecks.js';
