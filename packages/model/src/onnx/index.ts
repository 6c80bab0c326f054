export { exportGenerator, type ExportGeneratorOptions } from './exportGenerator.js';
export { REGION_FIELDS, regionNumbers } from './regionMaps.js';
