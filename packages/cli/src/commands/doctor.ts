import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { bundledModelPath } from '../openModel.js';
import { nodeBackends, openBackend } from '../openBackend.js';
import type { Output } from '../output.js';
import { studioDir } from '../studio.js';

const versionOf = (name: string): string => {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return 'not installed';
  }
};

/** Reports versions, every backend with the reason if it does not run, and what is missing. Exit code 1 when nothing can train. */
export async function doctor(output: Output): Promise<number> {
  output.info(`node ${process.versions.node} on ${process.platform}-${process.arch}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`);
  for (const name of ['@tensorflow/tfjs-core', 'webgpu', 'sharp', '@resvg/resvg-js']) output.info(`${name} ${versionOf(name)}`);
  for (const [name, create] of Object.entries(nodeBackends)) {
    const reason = await create().unsupportedReason();
    output.info(`backend ${name}: ${reason === null ? 'available' : `not available: ${reason}`}`);
  }
  const best = await openBackend('auto');
  output.info(`auto picks ${best.backend}: ${best.reason}`);
  best.dispose();
  const [model, studio] = [bundledModelPath(), studioDir()];
  output.info(`bundled model: ${model ?? 'missing; train one or reinstall'}`);
  output.info(`studio: ${studio ?? "missing; build it with 'npm run build'"}`);
  return best.capabilities.training ? 0 : 1;
}
