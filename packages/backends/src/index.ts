export { createRuntime, type Rejected, type Runtime } from './createRuntime.js';
