export { createEditServer, type EditServerOptions } from './editServer.js';
export { createProgram } from './program.js';
export type { Output } from './output.js';
