import { SpatialGANError } from '@spatialgan/core';
import { foregroundSegmenter, type Segmenter } from '@spatialgan/metrics';
import { loadSegmenter } from '@spatialgan/metrics/node';

/**
 * The segmenter of a name or of a module's path; 'auto' takes the one made for the data.
 *
 * @throws SpatialGANError 'CONFIG' when none is made for the data, or a module exports none.
 */
export async function openSegmenter(name: string, data: string | undefined): Promise<Segmenter> {
  if (name === 'foreground' || (name === 'auto' && data === 'avatars')) return foregroundSegmenter();
  if (name !== 'auto') return loadSegmenter(name);
  if (data === 'rooms') return loadSegmenter('rooms');
  throw new SpatialGANError(
    'CONFIG',
    `--segmenter: none is made for ${data ?? 'this model'}; give --segmenter foreground where objects stand before a plain background, ` +
      'or a JavaScript module whose default export is a Segmenter (functionSegmenter of @spatialgan/metrics makes one of a model)',
  );
}
