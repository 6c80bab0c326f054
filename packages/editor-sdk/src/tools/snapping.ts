import { regionsOf, withDescendants, type Point } from '@spatialgan/schema';
import type { Editor } from '../editor.js';

/** How near, in image sides, a line draws a center. */
const PULL = 0.02;
const LINES = [0, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1];

export interface Snapped {
  readonly point: Point;
  /** The lines that hold it. */
  readonly x?: number | undefined;
  readonly y?: number | undefined;
}

/** The point, drawn to the middle, thirds and quarters of the image and to the centers of regions that do not move along. */
export function snapPoint(editor: Editor, point: Point, moving: readonly string[]): Snapped {
  const { layout, snap } = editor.getState();
  if (!snap) return { point };
  const along = new Set(moving.flatMap((id) => [...withDescendants(layout, id)]));
  const others = regionsOf(layout).filter(({ id }) => !along.has(id));
  const nearest = (value: number, lines: readonly number[]): number | undefined => {
    const best = [...lines].sort((a, b) => Math.abs(a - value) - Math.abs(b - value))[0];
    return best !== undefined && Math.abs(best - value) <= PULL ? best : undefined;
  };
  const x = nearest(point.x, [...LINES, ...others.map(({ center }) => center.x)]);
  const y = nearest(point.y, [...LINES, ...others.map(({ center }) => center.y)]);
  return { point: { x: x ?? point.x, y: y ?? point.y }, x, y };
}
