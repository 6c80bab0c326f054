export { createRecoveringRuntime, type RecoveringRuntimeOptions } from './recoveringRuntime.js';
export { holdWorkerLock, workerEnd } from './workerEnd.js';
