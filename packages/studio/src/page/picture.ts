import type { RgbaImage } from '@spatialgan/schema';
import { element } from './element.js';

/** Draws an image on a canvas of its own size; the page scales it. */
export function paint(canvas: HTMLCanvasElement, { pixels, width, height }: RgbaImage): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
}

/** A canvas with a name, which shows nothing yet. */
export const picture = (label: string, attributes: Readonly<Record<string, string>> = {}): HTMLCanvasElement =>
  element('canvas', { class: 'picture', role: 'img', 'aria-label': label, width: 1, height: 1, ...attributes });
