export { createEditServer, listenOnLoopback, type EditServerOptions } from './editServer.js';
export { createProgram } from './program.js';
export { runCli } from './runCli.js';
export type { Output } from './output.js';
