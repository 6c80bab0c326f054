import { SpatialGANError } from '@spatialgan/core';
import { foregroundSegmenter, type Segmenter } from '@spatialgan/metrics';

/** What `--segmenter` takes. */
export const segmenterNames = ['auto', 'foreground'] as const;

/**
 * The segmenter of a name; 'auto' takes the one made for the data.
 *
 * @throws SpatialGANError 'CONFIG' when none is made for the data.
 */
export function openSegmenter(name: string, data: string | undefined): Segmenter {
  if (name === 'foreground' || data === 'avatars') return foregroundSegmenter();
  throw new SpatialGANError(
    'CONFIG',
    `--segmenter: none is made for ${data ?? 'this model'}; give --segmenter foreground where objects stand before a plain background, ` +
      'or call evaluateCoMove of @spatialgan/metrics with one of your own',
  );
}
