import { once } from 'node:events';
import { SpatialGANError } from '@spatialgan/core';
import { writeModel } from '@spatialgan/model';
import { createEditServer, listenOnLoopback } from '../editServer.js';
import { openModel } from '../openModel.js';
import type { Output } from '../output.js';
import { studioDir } from '../studio.js';

export interface EditOptions {
  readonly model?: string;
  readonly port: number;
}

/** Serves the studio with a model on loopback until the signal fires. */
export async function edit({ model, port }: EditOptions, output: Output, signal?: AbortSignal): Promise<number> {
  const studio = studioDir();
  if (studio === undefined) throw new SpatialGANError('CONFIG', "edit: the studio is not built; run 'npm run build' in the repository first");
  const stored = await openModel(model, output.warn);
  const server = createEditServer({ studio, model: writeModel(stored) });
  const url = await listenOnLoopback(server, port);
  output.info(`editing ${stored.config.name} at ${url}  (Ctrl-C ends)`);
  const closed = once(server, 'close');
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  signal?.addEventListener('abort', stop, { once: true });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  await closed;
  return 0;
}
