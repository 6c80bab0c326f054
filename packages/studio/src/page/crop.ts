import type { RgbaImage } from '@spatialgan/schema';
import { element } from './element.js';
import type { Words } from './words.js';

/** A square part of a photo, chosen by dragging, wheel, pinch, arrows and a slider. */
export interface Crop {
  readonly element: HTMLElement;
  setPhoto(photo: ImageBitmap): void;
  /** The part, scaled to a side. */
  cut(side: number): RgbaImage;
}

const SHOWN = 512;

/** Scales by halves first: one large step down by the browser's filter would skip pixels. */
function scaled(photo: ImageBitmap, { x, y, size }: { x: number; y: number; size: number }, side: number): HTMLCanvasElement {
  const start = Math.max(side, 2 ** Math.floor(Math.log2(size / side)) * side);
  let canvas = element('canvas', { width: start, height: start });
  const draw = (to: HTMLCanvasElement, from: CanvasImageSource, sx: number, sy: number, s: number): void => {
    const context = to.getContext('2d')!;
    context.imageSmoothingQuality = 'high';
    context.drawImage(from, sx, sy, s, s, 0, 0, to.width, to.height);
  };
  draw(canvas, photo, x, y, size);
  for (let s = start / 2; s >= side; s /= 2) {
    const half = element('canvas', { width: s, height: s });
    draw(half, canvas, 0, 0, canvas.width);
    canvas = half;
  }
  return canvas;
}

export function createCrop({ text }: Words): Crop {
  const canvas = element('canvas', { class: 'crop', width: SHOWN, height: SHOWN, tabindex: 0, role: 'application', 'aria-label': text('crop') });
  const zoom = element('input', { type: 'range', min: 0, max: 1, step: 0.01, value: 0, class: 'range', 'aria-label': text('zoom') });
  let photo: ImageBitmap | undefined;
  let part = { x: 0, y: 0, size: 1 };
  const largest = (): number => Math.min(photo?.width ?? 1, photo?.height ?? 1);
  const clamp = ({ x, y, size }: typeof part): typeof part => ({
    size, x: Math.min(Math.max(0, x), photo!.width - size), y: Math.min(Math.max(0, y), photo!.height - size),
  });
  function draw(): void {
    const context = canvas.getContext('2d');
    if (!photo || !context) return;
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, part.x, part.y, part.size, part.size, 0, 0, SHOWN, SHOWN);
  }
  function set(next: typeof part): void {
    part = clamp(next);
    draw();
  }
  function setZoom(value: number): void {
    zoom.value = String(value);
    const size = largest() * 8 ** -Number(zoom.value);
    set({ size, x: part.x + (part.size - size) / 2, y: part.y + (part.size - size) / 2 });
  }
  const move = (dx: number, dy: number): void => set({ ...part, x: part.x - dx * part.size, y: part.y - dy * part.size });
  zoom.addEventListener('input', () => setZoom(Number(zoom.value)));
  canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons & 1) move(event.movementX / canvas.clientWidth, event.movementY / canvas.clientHeight);
  });
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    setZoom(Math.min(1, Math.max(0, Number(zoom.value) - event.deltaY / 1500)));
  }, { passive: false });
  canvas.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [0.02, 0], ArrowRight: [-0.02, 0], ArrowUp: [0, 0.02], ArrowDown: [0, -0.02] }[event.key];
    const scale = { '+': 0.05, '=': 0.05, '-': -0.05 }[event.key];
    if (step) move(step[0]!, step[1]!);
    else if (scale !== undefined) setZoom(Math.min(1, Math.max(0, Number(zoom.value) + scale)));
    else return;
    event.preventDefault();
  });
  return {
    element: element('div', { class: 'crop-box' }, canvas, element('label', { class: 'field' }, element('span', {}, text('zoom')), zoom)),
    setPhoto(next) {
      photo?.close();
      photo = next;
      const size = largest();
      set({ size, x: (next.width - size) / 2, y: (next.height - size) / 2 });
      zoom.value = '0';
    },
    cut(side) {
      const { data } = scaled(photo!, part, side).getContext('2d')!.getImageData(0, 0, side, side);
      return { pixels: data as Uint8ClampedArray<ArrayBuffer>, width: side, height: side };
    },
  };
}
