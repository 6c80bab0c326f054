import { SpatialGANError } from '@spatialgan/core';
import { foregroundSegmenter, type Segmenter } from '@spatialgan/metrics';
import { loadSegmenter } from '@spatialgan/metrics/node';

/**
 * What 'auto' means for the data, other names as they are.
 *
 * @throws SpatialGANError 'CONFIG' when none is made for the data.
 */
export function segmenterName(name: string, data: string | undefined): string {
  if (name !== 'auto') return name;
  if (data === 'avatars') return 'foreground';
  if (data === 'rooms') return 'rooms';
  throw new SpatialGANError(
    'CONFIG',
    `--segmenter: none is made for ${data ?? 'this model'}; give --segmenter foreground where objects stand before a plain background, ` +
      'or a JavaScript module whose default export is a Segmenter (functionSegmenter of @spatialgan/metrics makes one of a model)',
  );
}

/**
 * The segmenter of a name or of a module's path; 'auto' takes the one made for the data.
 *
 * @throws SpatialGANError 'CONFIG' when none is made for the data, or a module exports none.
 */
export async function openSegmenter(name: string, data: string | undefined): Promise<Segmenter> {
  const chosen = segmenterName(name, data);
  return chosen === 'foreground' ? foregroundSegmenter() : loadSegmenter(chosen);
}
