import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Disposable } from '@spatialgan/core';
import type { FeatureExtractor } from './featureExtractor.js';
import { smallExtractor } from './small/smallExtractor.js';

/** The file that comes with this package; one folder above the sources and the build alike. */
export const smallExtractorPath = (): string => fileURLToPath(new URL('../extractor/small.safetensors', import.meta.url));

/** Reads the small extractor that comes with this package, see {@link smallExtractor}; the caller disposes it. */
export async function openSmallExtractor(): Promise<FeatureExtractor & Disposable> {
  return smallExtractor(await readFile(smallExtractorPath()));
}
