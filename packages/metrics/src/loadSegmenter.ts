import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SpatialGANError } from '@spatialgan/core';
import { roomSegmenter } from './roomSegmenter.js';
import type { Segmenter } from './segmenter.js';

/**
 * The segmenter that a command line names: `rooms`, or a path of a JavaScript module whose default export is a `Segmenter`
 * (an object with name, version and `segment(image)`; `functionSegmenter` makes one). The module is run.
 *
 * @throws SpatialGANError 'CONFIG' when the module cannot be loaded or exports none.
 */
export async function loadSegmenter(nameOrPath: string): Promise<Segmenter> {
  if (nameOrPath === 'rooms') return roomSegmenter();
  const expected = `segmenter: expected 'rooms' or a JavaScript module whose default export is a Segmenter ({ name, version, segment(image) })`;
  const loaded = (await import(pathToFileURL(resolve(nameOrPath)).href).catch((cause: Error) => {
    throw new SpatialGANError('CONFIG', `${expected}, got '${nameOrPath}', which cannot be loaded: ${cause.message}`, { cause });
  })) as { readonly default?: Partial<Segmenter> };
  const { default: segmenter } = loaded;
  if (typeof segmenter?.segment === 'function' && typeof segmenter.name === 'string' && typeof segmenter.version === 'string') return segmenter as Segmenter;
  throw new SpatialGANError('CONFIG', `${expected}, got '${nameOrPath}', which exports none`);
}
