export { createEditServer, listenOn, type EditServerOptions, type ServedModel } from './editServer.js';
export { createProgram } from './program.js';
export { runCli } from './runCli.js';
export type { Output } from './output.js';
