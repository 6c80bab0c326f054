import type { Offset } from './coMoveRatio.js';
import type { CoMoveTrial } from './evaluateCoMove.js';
import type { ByteImage } from '@spatialgan/data';
import type { SegmentedObject } from './segmenter.js';

export interface CoMoveSheetOptions {
  /** Side of each picture in pixels, at least; images are enlarged by whole factors. Default 128. */
  readonly side?: number;
  /** Pairs side by side; default 4. */
  readonly columns?: number;
}

type Color = readonly [number, number, number];
const regionColor: Color = [255, 255, 255];
const objectColor: Color = [230, 30, 60];
const paper: Color = [255, 255, 255];
const gap = 8;

/** An RGB picture to draw on. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function dot({ width, height, data }: Canvas, x: number, y: number, color: Color): void {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column >= 0 && row >= 0 && column < width && row < height) data.set(color, 3 * (row * width + column));
}

function line(canvas: Canvas, [x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number], color: Color): void {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(x1 - x0, y1 - y0)));
  for (let i = 0; i <= steps; i++) {
    const [x, y] = [x0 + ((x1 - x0) * i) / steps, y0 + ((y1 - y0) * i) / steps];
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) dot(canvas, x + dx, y + dy, color);
  }
}

function arrow(canvas: Canvas, [x, y]: readonly [number, number], { x: dx, y: dy }: Offset, color: Color): void {
  const tip = [x + dx, y + dy] as const;
  line(canvas, [x, y], tip, color);
  const length = Math.hypot(dx, dy);
  if (length < 1) return;
  for (const side of [-1, 1]) {
    const [ux, uy] = [dx / length, dy / length];
    line(canvas, tip, [tip[0] - 6 * ux + side * 4 * uy, tip[1] - 6 * uy - side * 4 * ux], color);
  }
}

/** The edge of an object's mask. */
function outline(canvas: Canvas, { mask }: SegmentedObject, image: ByteImage, { at: [left, top], scale }: Placed): void {
  const inside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < image.width && y < image.height && mask[y * image.width + x] === 1;
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      if (!inside(x, y)) continue;
      const [x0, y0, x1, y1] = [left + x * scale, top + y * scale, left + (x + 1) * scale, top + (y + 1) * scale];
      if (!inside(x - 1, y)) line(canvas, [x0, y0], [x0, y1], objectColor);
      if (!inside(x + 1, y)) line(canvas, [x1, y0], [x1, y1], objectColor);
      if (!inside(x, y - 1)) line(canvas, [x0, y0], [x1, y0], objectColor);
      if (!inside(x, y + 1)) line(canvas, [x0, y1], [x1, y1], objectColor);
    }
  }
}

interface Placed {
  readonly at: readonly [number, number];
  readonly scale: number;
}

function paste(canvas: Canvas, { data, width, height, channels }: ByteImage, { at: [left, top], scale }: Placed): void {
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels;
      const pixel = [0, 1, 2].map((c) => data[from + Math.min(c, channels - 1)]!);
      canvas.data.set(pixel, 3 * ((top + y) * canvas.width + left + x));
    }
  }
}

function drawTrial(canvas: Canvas, { before, after, center, move, object, matched, objectMove }: CoMoveTrial, first: Placed): void {
  const { at: [left, top], scale } = first;
  const [width, height] = [before.width * scale, before.height * scale];
  const second = { at: [left + width + 2, top] as const, scale };
  paste(canvas, before, first);
  paste(canvas, after, second);
  if (object) outline(canvas, object, before, first);
  if (matched) outline(canvas, matched, after, second);
  const pixels = ({ x, y }: Offset): Offset => ({ x: x * width, y: y * height });
  const start = pixels(center);
  arrow(canvas, [left + start.x, top + start.y], pixels(move), [0, 0, 0]);
  arrow(canvas, [left + start.x - 1, top + start.y - 1], pixels(move), regionColor);
  if (!object || !objectMove) return;
  const from = pixels(object.center);
  arrow(canvas, [second.at[0] + from.x, top + from.y], pixels(objectMove), objectColor);
}

/**
 * A picture of moves: each pair is an image before, with the object that was found (outlined) and the region's move (white
 * arrow), and after, with the matched object and its move (red). Pairs without outlines were not matched.
 *
 * @returns an RGB image; nothing but a white pixel when there are no trials.
 */
export function coMoveSheet(trials: readonly CoMoveTrial[], { side = 128, columns = 4 }: CoMoveSheetOptions = {}): ByteImage {
  const first = trials[0]?.before;
  if (!first) return { data: Uint8Array.from(paper), width: 1, height: 1, channels: 3 };
  const scale = Math.max(1, Math.ceil(side / first.width));
  const [pairWidth, pairHeight] = [2 * first.width * scale + 2, first.height * scale];
  const across = Math.min(columns, trials.length);
  const width = across * (pairWidth + gap) + gap;
  const height = Math.ceil(trials.length / across) * (pairHeight + gap) + gap;
  const canvas = { width, height, data: new Uint8Array(width * height * 3).fill(paper[0]) };
  trials.forEach((trial, i) => {
    const at = [gap + (i % across) * (pairWidth + gap), gap + Math.floor(i / across) * (pairHeight + gap)] as const;
    drawTrial(canvas, trial, { at, scale });
  });
  return { ...canvas, channels: 3 };
}
