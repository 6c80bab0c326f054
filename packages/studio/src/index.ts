export { studioDirectory } from './studioDirectory.js';
