export { encodeWebm, type WebmOptions } from './encodeWebm.js';
