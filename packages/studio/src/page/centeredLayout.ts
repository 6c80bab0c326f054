import type { HeatmapLayout, ModelRuntime } from '@spatialgan/schema';

const DRAWS = 12;

/** Of a few layouts that the model samples, the one whose regions keep nearest to the middle: something whole to see at the start. */
export async function centeredLayout({ sampleLayout }: ModelRuntime): Promise<HeatmapLayout> {
  const draws = await Promise.all(Array.from({ length: DRAWS }, (_, seed) => sampleLayout(seed)));
  const offset = ({ levels }: HeatmapLayout): number =>
    Math.max(0, ...levels.flatMap(({ regions }) => regions).map(({ center: { x, y } }) => Math.hypot(x - 0.5, y - 0.5)));
  return draws.reduce((best, layout) => (offset(layout) < offset(best) ? layout : best));
}
