export { createHttpRuntime, type HttpRuntimeOptions } from './httpRuntime.js';
export { createRuntimeHandler, type RuntimeHandler, type RuntimeHandlerOptions } from './runtimeHandler.js';
