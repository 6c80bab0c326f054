import { roomTracer } from './roomCamera.js';
import { placeRoom } from './roomGeometry.js';
import type { RoomScene } from './roomScene.js';

/** How well an object is seen. */
export interface ObjectVisibility {
  /** Share of the image that shows it. */
  readonly area: number;
  /** Share of what it would cover alone that is seen, in [0, 1]. */
  readonly seen: number;
  /** Share of what is seen that hangs together. */
  readonly whole: number;
  /** Whether it stands apart, in the image, from others of its kind. */
  readonly apart: boolean;
}

/** Size of the largest piece of equal instances. */
function largestPiece(instances: Uint8Array, side: number, instance: number): number {
  const pending: number[] = [];
  const seen = new Uint8Array(instances.length);
  let largest = 0;
  for (let start = 0; start < instances.length; start++) {
    if (instances[start] !== instance || seen[start]) continue;
    let size = 0;
    pending.push(start);
    seen[start] = 1;
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      size++;
      const column = i % side;
      for (const next of [column > 0 ? i - 1 : -1, column < side - 1 ? i + 1 : -1, i - side, i + side]) {
        if (next < 0 || next >= instances.length || seen[next] || instances[next] !== instance) continue;
        seen[next] = 1;
        pending.push(next);
      }
    }
    largest = Math.max(largest, size);
  }
  return largest;
}

/** Pairs of instances, as a · 256 + b, that come within three cells of each other. */
function neighbours(instances: Uint8Array, side: number): ReadonlySet<number> {
  const pairs = new Set<number>();
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const own = instances[y * side + x]!;
      if (own === 0) continue;
      for (let dy = -3; dy <= 3; dy++) {
        for (let dx = -3; dx <= 3; dx++) {
          if (x + dx < 0 || x + dx >= side || y + dy < 0 || y + dy >= side) continue;
          const other = instances[(y + dy) * side + x + dx]!;
          if (other !== own && other !== 0) pairs.add(own * 256 + other);
        }
      }
    }
  }
  return pairs;
}

/** How well each object of a scene is seen, on a grid of `side`² rays. */
export function roomVisibility(scene: RoomScene, side = 32): readonly ObjectVisibility[] {
  const tracer = roomTracer(placeRoom(scene));
  const count = scene.objects.length;
  const instances = new Uint8Array(side * side);
  const [seen, alone] = [new Uint32Array(count + 1), new Uint32Array(count + 1)];
  for (let i = 0; i < side * side; i++) {
    tracer.trace(((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side);
    instances[i] = tracer.hit.instance;
    seen[tracer.hit.instance]!++;
    for (let k = 1; k <= count; k++) alone[k]! += tracer.pierced[k]!;
  }
  const repeated = new Set(scene.objects.map(({ kind }) => kind)).size < count;
  const pairs = repeated ? neighbours(instances, side) : new Set<number>();
  return scene.objects.map(({ kind }, i) => {
    const [area, covered] = [seen[i + 1]!, alone[i + 1]!];
    const apart = scene.objects.every((other, j) => other.kind !== kind || !pairs.has((i + 1) * 256 + j + 1));
    const whole = area === 0 ? 0 : largestPiece(instances, side, i + 1) / area;
    return { area: area / (side * side), seen: covered === 0 ? 0 : area / covered, whole, apart };
  });
}

/** Whether an object is large, open, whole and lone enough to be told from its picture. */
export const wellSeen = ({ area, seen, whole, apart }: ObjectVisibility): boolean => area >= 0.006 && seen >= 0.55 && whole >= 0.8 && apart;
