import type { RgbaImage } from '@spatialgan/schema';
import { element } from './element.js';

/** Backing pixels per side: enough for a sharp edge, cheap enough to redraw in every frame of a drag. */
const MAX_SIDE = 1024;

export interface ImageView {
  readonly canvas: HTMLCanvasElement;
  show(image: RgbaImage | undefined, pixelated: boolean): void;
  dispose(): void;
}

/** A canvas that shows a small image large: upscaled smoothly with the browser's best filter, or in hard pixels. */
export function createImageView(attributes: Readonly<Record<string, string>>): ImageView {
  const canvas = element('canvas', { width: 1, height: 1, role: 'img', ...attributes });
  const context = canvas.getContext('2d');
  const source = document.createElement('canvas');
  const sourceContext = source.getContext('2d');
  let shown: { readonly image: RgbaImage | undefined; readonly pixelated: boolean } = { image: undefined, pixelated: false };

  const draw = (): void => {
    if (!context || !shown.image) return;
    context.globalCompositeOperation = 'copy';
    context.imageSmoothingEnabled = !shown.pixelated;
    context.imageSmoothingQuality = 'high';
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
  };
  const observer = new ResizeObserver(([entry]) => {
    const side = Math.min(MAX_SIDE, Math.max(1, Math.round((entry?.contentRect.width ?? 1) * devicePixelRatio)));
    if (side === canvas.width) return;
    canvas.width = canvas.height = side;
    draw();
  });
  observer.observe(canvas);
  return {
    canvas,
    show(image, pixelated) {
      if (image === shown.image && pixelated === shown.pixelated) return;
      if (image && image !== shown.image) {
        // Even the same size, set again, would allocate the canvas anew.
        if (source.width !== image.width || source.height !== image.height) Object.assign(source, { width: image.width, height: image.height });
        sourceContext?.putImageData(new ImageData(image.pixels, image.width, image.height), 0, 0);
      }
      shown = { image, pixelated };
      draw();
    },
    dispose: () => observer.disconnect(),
  };
}
