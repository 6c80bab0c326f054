import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { SpatialGANError } from '@spatialgan/core';
import { readModel, writeModel } from '@spatialgan/model';
import type { ModelRuntime } from '@spatialgan/schema';
import { backendOption, examples, type Frame, modelHelp, whole } from '../commandFrame.js';
import { createEditServer, listenOn, type ServedModel } from '../editServer.js';
import { isLoopback } from '../hostPolicy.js';
import { bundledModels, openModel } from '../openModel.js';
import type { Output } from '../output.js';
import { openServerModel } from '../serverModel.js';
import { studioDir } from '../studio.js';

export interface EditOptions {
  readonly model?: string;
  readonly port: number;
  readonly host: string;
  readonly server: boolean;
  readonly backend: string;
}

/** The models that come with this build, but for the one that is open. */
async function otherModels(open: string): Promise<ServedModel[]> {
  const models = await Promise.all(bundledModels().map(async (path) => {
    const bytes = await readFile(path);
    return { name: readModel(bytes).config.name, bytes };
  }));
  return models.filter(({ name }) => name !== open);
}

/** Serves the studio with a model, on this machine only unless told otherwise, until the signal fires. */
export async function edit({ model, port, host, server: onServer, backend }: EditOptions, output: Output, signal?: AbortSignal): Promise<number> {
  const studio = studioDir();
  if (studio === undefined) throw new SpatialGANError('CONFIG', "edit: the studio is not built; run 'npm run build' in the repository first");
  if (!onServer && backend !== 'auto') throw new SpatialGANError('CONFIG', 'edit: --backend says where --server computes; without --server the page computes in the browser');
  const stored = await openModel(model, output.warn);
  const bytes = writeModel(stored);
  const { name } = stored.config;
  let runtime: ModelRuntime | undefined;
  try {
    runtime = onServer ? await openServerModel({ bytes, backend, warn: output.warn }) : undefined;
    const server = createEditServer({ studio, model: bytes, name, host, others: await otherModels(name), ...(runtime ? { runtime } : {}) });
    const url = await listenOn(server, port, host);
    if (!isLoopback(host)) output.warn(`anyone who can reach ${host} can use this server; it asks for no password`);
    output.info(`editing ${name}${runtime ? `, computed here on ${runtime.info.backend},` : ''} at ${url}  (Ctrl-C ends)`);
    const closed = once(server, 'close');
    const stop = (): void => {
      server.close();
      server.closeAllConnections();
    };
    signal?.addEventListener('abort', stop, { once: true });
    for (const event of ['SIGINT', 'SIGTERM'] as const) process.once(event, stop);
    await closed;
    return 0;
  } finally {
    await runtime?.dispose();
  }
}

/** Defines `spatialgan edit`. */
export function addEdit(program: Command, { run, output }: Frame): void {
  program
    .command('edit')
    .description('open the studio on a model, on this machine only unless --host says otherwise')
    .option('--model <path>', modelHelp)
    .option('--port <n>', 'where to listen; 0 = any free port', whole(0, 65535), 8642)
    .option('--host <address>', 'listen on this address instead of loopback, e.g. 0.0.0.0: others can then use the server', '127.0.0.1')
    .option('--server', 'compute here, in Node, instead of in the browser', false)
    .addOption(backendOption())
    .addHelpText('after', examples('edit', 'edit --model runs/00000-photos-paper64-batch16 --port 0', 'edit --server --backend webgpu'))
    .action((options: EditOptions) => run(() => edit(options, output)));
}
