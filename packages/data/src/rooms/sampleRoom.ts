import { createRng, type Rng } from '@spatialgan/core';
import { projectPoint } from './roomCamera.js';
import { roomPalette, roomSaturation } from './roomPalette.js';
import type { Hsv, RoomKind, RoomObject, RoomScene, Vector } from './roomScene.js';
import { roomVisibility, wellSeen } from './roomVisibility.js';

const between = (rng: Rng, low: number, high: number): number => low + (high - low) * rng.uniform();
const one = <T>(rng: Rng, values: readonly T[]): T => values[rng.integer(values.length)]!;

/** Chances that a room has a first, second … object of a kind; furniture that others must go around comes first. */
const wanted: readonly (readonly [RoomKind, readonly number[]])[] = [
  ['bed', [0.92]], ['window', [0.8, 0.25]], ['table', [0.8, 0.15]], ['lamp', [0.85, 0.2]],
  ['picture', [0.75, 0.4]], ['plant', [0.6]], ['rug', [0.6]],
];

/** The end of a kind's band that an object's hues are of. Two of a kind have one each, so that they can be told apart elsewhere. */
function ownHues(kind: RoomKind, end: number): readonly [number, number] {
  const [low, high] = roomPalette.find((band) => band.kind === kind)!.hue;
  const part = 0.35 * (high - low);
  return end === 0 ? [low, low + part] : [high - part, high];
}

function colorsOf(kind: RoomKind, end: number, rng: Rng): Pick<RoomObject, 'color' | 'accent'> {
  const [low, high] = ownHues(kind, end);
  const [hue, other] = [between(rng, low, high), between(rng, low, high)];
  const draw = (h: number, s: readonly [number, number], v: readonly [number, number]): Hsv => [h, between(rng, ...s), between(rng, ...v)];
  switch (kind) {
    case 'bed': return { color: draw(hue, [0.42, 0.75], [0.6, 0.95]), accent: draw(other, [0.32, 0.6], [0.6, 0.98]) };
    case 'table': return { color: draw(hue, [0.55, 0.75], [0.45, 0.8]), accent: draw(other, [0.6, 0.78], [0.3, 0.5]) };
    case 'lamp': return { color: draw(hue, [0.46, 0.66], [0.95, 1]), accent: draw(other, [0.65, 0.8], [0.55, 0.75]) };
    case 'window': return { color: draw(hue, [0.36, 0.52], [0.92, 1]), accent: draw(other, [0.31, 0.36], [0.88, 0.96]) };
    case 'picture': return { color: draw(hue, [0.35, 0.5], [0.85, 1]), accent: draw(other, [0.55, 0.75], [0.5, 0.75]) };
    case 'plant': return { color: draw(hue, [0.5, 0.7], [0.62, 0.88]), accent: draw(other, [0.36, 0.48], [0.65, 0.95]) };
    case 'rug': return { color: draw(hue, [0.32, 0.5], [0.5, 0.85]), accent: draw(other, [0.32, 0.5], [0.4, 0.95]) };
  }
}

function sizeOf(kind: RoomKind, variant: number, rng: Rng): Vector {
  switch (kind) {
    case 'bed': return [between(rng, 1.25, 1.9), between(rng, 0.85, 1.2), between(rng, 1.95, 2.2)];
    case 'table': return variant % 3 === 2
      ? [between(rng, 0.7, 1.2), between(rng, 0.6, 0.95), between(rng, 0.45, 0.6)]
      : [between(rng, 0.9, 1.4), between(rng, 0.6, 0.8), between(rng, 0.7, 1)];
    case 'lamp': {
      const width = between(rng, 0.5, 0.72);
      return [width, variant % 3 === 2 ? width + between(rng, 0.25, 0.6) : between(rng, 1.4, 1.85), width];
    }
    case 'window': return [between(rng, 0.9, 1.6), between(rng, 0.8, 1.25), 0.1];
    case 'picture': return [between(rng, 0.55, 1.1), between(rng, 0.5, 0.85), 0.05];
    case 'plant': return [between(rng, 0.55, 0.85), between(rng, 0.8, 1.4), between(rng, 0.55, 0.85)];
    case 'rug': return [between(rng, 1.4, 2.2), 0.02, between(rng, 1.1, 1.7)];
  }
}

const quarter = Math.PI / 2;

/** A place against a wall: back (turn 0), left (-π/2) or right (π/2); `y` is the object's bottom. */
function againstWall([w, , d]: Vector, turn: number, [room, rng, y]: readonly [Vector, Rng, number]): Vector {
  const [width, , depth] = room;
  const gap = 0.005;
  if (turn === 0) return [between(rng, -(width - w) / 2 + 0.1, (width - w) / 2 - 0.1), y, depth - d / 2 - gap];
  const z = between(rng, 0.7 + w / 2, depth - w / 2 - 0.1);
  return [Math.sign(turn) * (width / 2 - d / 2 - gap), y, z];
}

function place(kind: RoomKind, size: Vector, [room, variant, rng]: readonly [Vector, number, Rng]): Pick<RoomObject, 'at' | 'turn'> {
  const [width, height, depth] = room;
  const [w, h, d] = size;
  const somewhere = (turn: number, y = 0): Pick<RoomObject, 'at' | 'turn'> => {
    const reach = Math.max(w, d) / 2 + 0.05;
    return { turn, at: [between(rng, -width / 2 + reach, width / 2 - reach), y, between(rng, 0.5 + reach, depth - reach)] };
  };
  switch (kind) {
    case 'bed': {
      const turn = one(rng, [0, 0, -quarter, quarter]);
      return { turn, at: againstWall(size, turn, [room, rng, 0]) };
    }
    case 'window': {
      const turn = one(rng, [0, 0, -quarter, quarter]);
      return { turn, at: againstWall(size, turn, [room, rng, Math.min(height - h - 0.15, between(rng, 0.85, 1.1))]) };
    }
    case 'picture': {
      const turn = one(rng, [0, 0, 0, -quarter, quarter]);
      return { turn, at: againstWall(size, turn, [room, rng, Math.min(height - h - 0.15, between(rng, 1.15, 1.5))]) };
    }
    case 'lamp': return somewhere(0, variant % 3 === 2 ? height - h : 0);
    case 'table': return rng.uniform() < 0.35 ? { turn: 0, at: againstWall(size, 0, [room, rng, 0]) } : somewhere(between(rng, -0.5, 0.5));
    case 'plant': return somewhere(between(rng, 0, 2 * Math.PI));
    case 'rug': return somewhere(between(rng, -0.15, 0.15));
  }
}

/** Half sizes of the box, along the room's axes, around a turned object. */
const spanOf = ({ size: [w, h, d], turn }: RoomObject): Vector => {
  const [c, s] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  return [(c * w + s * d) / 2, h / 2, (s * w + c * d) / 2];
};

/** Whether two objects come closer than they may. */
function collide(a: RoomObject, b: RoomObject): boolean {
  if ((a.kind === 'rug') !== (b.kind === 'rug')) return false;
  const [p, q] = [spanOf(a), spanOf(b)];
  const margin = a.kind === b.kind ? 0.3 : 0.06;
  return [0, 1, 2].every((axis) => {
    const middle = (o: RoomObject, span: Vector): number => o.at[axis]! + (axis === 1 ? span[1] : 0);
    return Math.abs(middle(a, p) - middle(b, q)) < p[axis]! + q[axis]! + margin;
  });
}

function drawEmptyRoom(rng: Rng): RoomScene {
  const size: Vector = [between(rng, 3.7, 4.9), between(rng, 2.4, 2.7), between(rng, 3.5, 4.5)];
  const { walls, floor, floorHue } = roomSaturation;
  const wall: Hsv = [between(rng, 0, 360), between(rng, 0, walls), between(rng, 0.72, 0.95)];
  return {
    version: 1,
    room: {
      size,
      floor: { color: [between(rng, ...floorHue), between(rng, 0.08, floor), between(rng, 0.5, 0.88)], pattern: rng.integer(3) },
      walls: { color: wall, pattern: rng.integer(3) },
      ceiling: [wall[0], wall[1] / 3, 0.96],
    },
    camera: {
      at: [between(rng, -0.7, 0.7), between(rng, 1.3, 1.75), between(rng, -1.3, -0.8)],
      yaw: between(rng, -0.1, 0.1), pitch: between(rng, -0.16, -0.05), fieldOfView: between(rng, 0.9, 1.02),
    },
    light: {
      at: [between(rng, -0.4, 0.4) * size[0], size[1] - 0.15, between(rng, 0.1, 0.6) * size[2]],
      warmth: rng.uniform(), ambient: between(rng, 0.4, 0.6),
    },
    objects: [],
  };
}

function furnish(empty: RoomScene, rng: Rng): RoomScene {
  const objects: RoomObject[] = [];
  for (const [kind, chances] of wanted) {
    const firstEnd = rng.integer(2);
    for (const [count, chance] of chances.entries()) {
      if (rng.uniform() >= chance) break;
      const variant = rng.integer(12);
      const size = sizeOf(kind, variant, rng);
      const looks = { id: `${kind}-${count}`, kind, size, ...colorsOf(kind, (firstEnd + count) % 2, rng), variant };
      for (let tries = 0; tries < 12; tries++) {
        const object: RoomObject = { ...looks, ...place(kind, size, [empty.room.size, variant, rng]) };
        const [x, y, z] = object.at;
        const seen = projectPoint(empty, [x, y + size[1] / 2, z]);
        const inView = Math.min(seen.x, seen.y, 1 - seen.x, 1 - seen.y) > 0.08;
        if (!inView || objects.some((other) => collide(object, other))) continue;
        objects.push(object);
        break;
      }
    }
  }
  return { ...empty, objects };
}

/** Takes objects away, the least seen first, until all that stay are well seen. */
function withoutHidden(scene: RoomScene): RoomScene {
  const seen = roomVisibility(scene);
  let worst = -1;
  seen.forEach((each, i) => {
    if (!wellSeen(each) && (worst < 0 || each.area * each.seen < seen[worst]!.area * seen[worst]!.seen)) worst = i;
  });
  return worst < 0 ? scene : withoutHidden({ ...scene, objects: scene.objects.filter((_, i) => i !== worst) });
}

/**
 * Room `index` of a seed: 3 to 10 objects, each of them mostly seen, in one piece, apart from others of its kind.
 *
 * A function of seed and index only.
 */
export function sampleRoom(seed: number, index: number): RoomScene {
  const rng = createRng(seed).split('rooms').split(String(index));
  for (let tries = 0; ; tries++) {
    const own = rng.split(`try:${tries}`);
    const scene = withoutHidden(furnish(drawEmptyRoom(own), own));
    if (scene.objects.length >= 3 || tries === 20) return scene;
  }
}
