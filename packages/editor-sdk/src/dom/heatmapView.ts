import type { HeatmapLayout } from '@spatialgan/schema';
import { sampleHeatmap } from '../heatmap.js';
import type { FaceContext } from './part.js';

/** Grid of a heatmap drawing; the browser smooths it to any size. */
export const HEATMAP_GRID = 48;
/** Heights between which a map's colour goes to the level's and then to white. */
const GLOW = 0.75;

/** Paints one level on black: dark, then the level's colour, then white at the peaks. */
export function paintHeatmap(canvas: HTMLCanvasElement, layout: HeatmapLayout, level: number, { editor, levelColor }: FaceContext): void {
  const data = new ImageData(HEATMAP_GRID, HEATMAP_GRID);
  const heights = sampleHeatmap(layout.levels[level]!, HEATMAP_GRID, editor.regionUtil);
  const color = levelColor(level);
  heights.forEach((height, i) => {
    const body = Math.min(height / GLOW, 1);
    const white = Math.max(height - GLOW, 0) / (1 - GLOW);
    for (let c = 0; c < 3; c += 1) data.data[i * 4 + c] = 14 + (color[c]! - 14) * body + (255 - color[c]!) * white * 0.4;
    data.data[i * 4 + 3] = 255;
  });
  canvas.getContext('2d')?.putImageData(data, 0, 0);
}

/** Paints one level as transparent colour for laying over the image. */
export function paintOverlay(canvas: HTMLCanvasElement, layout: HeatmapLayout, level: number, { editor, levelColor }: FaceContext): void {
  const data = new ImageData(HEATMAP_GRID, HEATMAP_GRID);
  const color = levelColor(level);
  sampleHeatmap(layout.levels[level]!, HEATMAP_GRID, editor.regionUtil).forEach((height, i) => {
    for (let c = 0; c < 3; c += 1) data.data[i * 4 + c] = color[c]!;
    data.data[i * 4 + 3] = 190 * height;
  });
  canvas.getContext('2d')?.putImageData(data, 0, 0);
}
