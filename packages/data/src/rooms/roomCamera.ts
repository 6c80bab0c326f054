import { meetPart, type PlacedObject, type PlacedPart, type PlacedRoom, type Ray } from './roomGeometry.js';
import type { RoomScene, Vector } from './roomScene.js';

/** The camera's axes; image coordinates are in [0, 1], x right, y down. */
export interface CameraFrame {
  readonly at: Vector;
  readonly forward: Vector;
  readonly right: Vector;
  readonly up: Vector;
  /** Half the image's side at distance 1. */
  readonly reach: number;
}

export function cameraFrame({ at, yaw, pitch, fieldOfView }: RoomScene['camera']): CameraFrame {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return { at, forward: [sy * cp, sp, cy * cp], right: [cy, 0, -sy], up: [-sy * sp, cp, -cy * sp], reach: Math.tan(fieldOfView / 2) };
}

/** Where a point of the room is in the image, and how far along the view. */
export function projectPoint(scene: RoomScene, [x, y, z]: Vector): { readonly x: number; readonly y: number; readonly depth: number } {
  const { at, forward, right, up, reach } = cameraFrame(scene.camera);
  const [dx, dy, dz] = [x - at[0], y - at[1], z - at[2]];
  const along = (axis: Vector): number => dx * axis[0] + dy * axis[1] + dz * axis[2];
  const depth = along(forward);
  return { x: 0.5 + along(right) / (2 * reach * depth), y: 0.5 - along(up) / (2 * reach * depth), depth };
}

/** What a ray met first. */
export interface Hit {
  /** Distance along the view. */
  t: number;
  /** A face of the room (0 floor, 1 ceiling, 2 left, 3 right, 4 back), or 8 · (1 + part) + face of the part. */
  surface: number;
  /** 0 the room itself, or 1 + the object's place in the scene. */
  instance: number;
}

/** Follows rays from the camera; `hit` holds what the last one met. */
export interface RoomTracer {
  readonly hit: Hit;
  /** Follows the ray through a point of the image. */
  trace(x: number, y: number): void;
  /** 1 for each object (by 1 + its place) that the last ray met or would have met behind others. */
  readonly pierced: Uint8Array;
}

const epsilon = 1e-9;

/** The part of the image outside of which a box is never met. */
interface ImageFrame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function imageFrame(scene: RoomScene, o: PlacedObject, box: Pick<PlacedPart, 'cx' | 'cy' | 'cz' | 'hx' | 'hy' | 'hz'>): ImageFrame {
  const corners = Array.from({ length: 8 }, (_, i) => {
    const [x, y, z] = [box.cx + (i & 1 ? box.hx : -box.hx), box.cy + (i & 2 ? box.hy : -box.hy), box.cz + (i & 4 ? box.hz : -box.hz)];
    return projectPoint(scene, [o.x + o.cos * x + o.sin * z, o.y + y, o.z - o.sin * x + o.cos * z]);
  });
  if (corners.some(({ depth }) => depth < 0.05)) return { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** Distance to a plane, Infinity behind the camera. */
const ahead = (t: number): number => (t > epsilon ? t : Infinity);

export function roomTracer({ scene, parts, objects }: PlacedRoom): RoomTracer {
  const { at: [cx, cy, cz], forward: [fx, fy, fz], right: [rx, , rz], up: [ux, uy, uz], reach } = cameraFrame(scene.camera);
  const [width, height, depth] = scene.room.size;
  const hit: Hit = { t: Infinity, surface: 4, instance: 0 };
  const ray: Ray = { ox: 0.5, oy: 0.5, oz: 0.5, dx: 0.5, dy: 0.5, dz: 0.5, t: 0.5, face: 0 };
  const pierced = new Uint8Array(objects.length + 1);
  const origins = objects.map((o) => {
    const [x, y, z] = [cx - o.x, cy - o.y, cz - o.z];
    return { x: o.cos * x - o.sin * z, y, z: o.sin * x + o.cos * z };
  });
  const objectFrames = objects.map((o) => imageFrame(scene, o, o));
  const partFrames = parts.map((part) => imageFrame(scene, objects[part.object]!, part));

  function meetRoom(dx: number, dy: number, dz: number): void {
    const level = ahead((dy < 0 ? -cy : height - cy) / dy);
    const side = ahead(((dx < 0 ? -width : width) / 2 - cx) / dx);
    const back = ahead((depth - cz) / dz);
    hit.instance = 0;
    hit.t = Math.min(Math.min(level, side), back);
    hit.surface = hit.t === level ? (dy < 0 ? 0 : 1) : hit.t === side ? (dx < 0 ? 2 : 3) : 4;
  }

  function meetObject(i: number, x: number, y: number): void {
    const o = objects[i]!;
    for (let k = o.first; k < o.end; k++) {
      const frame = partFrames[k]!;
      if (x < frame.left || x > frame.right || y < frame.top || y > frame.bottom) continue;
      meetPart(ray, parts[k]!);
      if (ray.t === Infinity) continue;
      pierced[i + 1] = 1;
      if (ray.t >= hit.t) continue;
      hit.t = ray.t;
      hit.surface = 8 * (1 + k) + ray.face;
      hit.instance = i + 1;
    }
  }

  return {
    hit,
    pierced,
    trace(x, y) {
      const h = (2 * x - 1) * reach;
      const v = (1 - 2 * y) * reach;
      const dx = fx + h * rx + v * ux;
      const dy = fy + v * uy;
      const dz = fz + h * rz + v * uz;
      meetRoom(dx, dy, dz);
      for (let i = 0; i < objects.length; i++) {
        pierced[i + 1] = 0;
        const frame = objectFrames[i]!;
        if (x < frame.left || x > frame.right || y < frame.top || y > frame.bottom) continue;
        const o = objects[i]!;
        const origin = origins[i]!;
        ray.ox = origin.x;
        ray.oy = origin.y;
        ray.oz = origin.z;
        ray.dx = o.cos * dx - o.sin * dz;
        ray.dy = dy;
        ray.dz = o.sin * dx + o.cos * dz;
        meetObject(i, x, y);
      }
    },
  };
}
