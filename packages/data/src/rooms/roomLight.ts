import type { PlacedObject, PlacedPart, PlacedRoom } from './roomGeometry.js';
import { linearOf } from './roomPalette.js';
import { type SurfacePoint, texturePoint, type TextureValue } from './roomTextures.js';
import type { Material, Texture } from './roomShapes.js';

/** A surface's linear RGB at a point of the room. */
export interface RoomShader {
  readonly rgb: Float64Array;
  /** Fills `rgb` for a surface (see `Hit`) at a point, of which a pixel covers `footprint` metres. */
  shade(surface: number, at: { readonly x: number; readonly y: number; readonly z: number; readonly footprint: number }): void;
}

interface Paint {
  readonly texture: Texture;
  readonly color: readonly [number, number, number];
  readonly accent: readonly [number, number, number];
  readonly glow: number;
  readonly variant: number;
}

const paintOf = ({ texture, color, accent, glow = 0, variant = 0 }: Material): Paint =>
  ({ texture, color: linearOf(color), accent: linearOf(accent), glow, variant });

const clamp = (x: number): number => (x < 0 ? 0 : x > 1 ? 1 : x);
const smooth = (x: number): number => x * x * (3 - 2 * x);
const occlusionReach = 0.28;

/**
 * How much of a light of some size a box leaves, from a point towards the light (t = 1 there), in the box's frame.
 *
 * The length of the ray's stay in the box, negative when it passes by, over the width of the penumbra.
 */
function unshadowed(p: PlacedPart | PlacedObject, x: number, y: number, z: number, dx: number, dy: number, dz: number, far: number): number {
  const ix = 1 / dx;
  const iy = 1 / dy;
  const iz = 1 / dz;
  const kx = Math.abs(ix) * p.hx;
  const ky = Math.abs(iy) * p.hy;
  const kz = Math.abs(iz) * p.hz;
  const nx = (p.cx - x) * ix;
  const ny = (p.cy - y) * iy;
  const nz = (p.cz - z) * iz;
  const enter = Math.max(Math.max(nx - kx, ny - ky), nz - kz);
  const leave = Math.min(Math.min(nx + kx, ny + ky), nz + kz);
  if (leave <= 0.001 || enter >= 1) return 1;
  const penumbra = 0.05 + 0.3 * far * Math.max(0, enter);
  return 1 - smooth(clamp(0.5 + ((leave - Math.max(0, enter)) * far) / (2 * penumbra)));
}

/** 1 where nothing is near, down to 0.62 at a box. */
function openness(p: PlacedPart, x: number, y: number, z: number): number {
  const dx = Math.max(0, Math.abs(x - p.cx) - p.hx);
  const dy = Math.max(0, Math.abs(y - p.cy) - p.hy);
  const dz = Math.max(0, Math.abs(z - p.cz) - p.hz);
  return 1 - 0.38 * smooth(clamp(1 - Math.sqrt(dx * dx + dy * dy + dz * dz) / occlusionReach));
}

const near = (o: PlacedObject, x: number, y: number, z: number): boolean =>
  Math.abs(x - o.cx) < o.hx + occlusionReach && Math.abs(y - o.cy) < o.hy + occlusionReach && Math.abs(z - o.cz) < o.hz + occlusionReach;

const floorTextures: readonly Texture[] = ['plain', 'planks', 'tiles'];
const wallTextures: readonly Texture[] = ['plain', 'wallpaper', 'panelling'];

/** Paints of the room's five faces, by `Hit.surface`. */
function facePaints({ room: { floor, walls, ceiling } }: PlacedRoom['scene']): readonly Paint[] {
  const wall = paintOf({ color: walls.color, accent: walls.color, texture: wallTextures[walls.pattern % 3]! });
  return [
    paintOf({ color: floor.color, accent: floor.color, texture: floorTextures[floor.pattern % 3]! }),
    paintOf({ color: ceiling, accent: ceiling, texture: 'plain' }), wall, wall, wall,
  ];
}

const faceNormals = [[0, 1, 0], [0, -1, 0], [1, 0, 0], [-1, 0, 0], [0, 0, -1]] as const;
const boxNormals = [[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]] as const;

/** Shades a room: one soft lamp with shadows, light from everywhere darkened near walls and things, a halo around lamps. */
export function roomShader(room: PlacedRoom): RoomShader {
  const { scene, parts, objects } = room;
  const [width, height, depth] = scene.room.size;
  const { at: [keyX, keyY, keyZ], warmth, ambient } = scene.light;
  const tint = [1, 1 - 0.025 * warmth, 1 - 0.07 * warmth] as const;
  const paints = parts.map(({ material }) => paintOf(material));
  const faces = facePaints(scene);
  const lamps = objects.flatMap((o, i) => (scene.objects[i]!.kind === 'lamp' ? [{ i, x: o.x, y: o.y + parts[o.first]!.cy, z: o.z }] : []));
  const point: SurfacePoint = { u: 0, v: 0, halfU: 1, halfV: 1, footprint: 0, face: 0, variant: 0 };
  const value: TextureValue = { mix: 0, gain: 1 };
  const rgb = new Float64Array(3);
  const normal = new Float64Array(3);
  const inFrame = { x: 0, y: 0, z: 0 };

  const enter = (o: PlacedObject, x: number, y: number, z: number): void => {
    inFrame.x = o.cos * (x - o.x) - o.sin * (z - o.z);
    inFrame.y = y - o.y;
    inFrame.z = o.sin * (x - o.x) + o.cos * (z - o.z);
  };

  function setRoomFace(face: number, x: number, y: number, z: number): void {
    normal.set(faceNormals[face]!);
    point.face = 3;
    if (face < 2) [point.u, point.v] = [x, z];
    else [point.u, point.v] = [face === 4 ? x : z, y];
  }

  /** Normal and texture coordinates of a part's point. */
  function setPart(index: number, face: number): void {
    const p = parts[index]!;
    const o = objects[p.object]!;
    const [x, y, z] = [inFrame.x - p.cx, inFrame.y - p.cy, inFrame.z - p.cz];
    let [nx, ny, nz] = [0, 0, 0];
    if (p.shape === 'box' || face >= 2) {
      [nx, ny, nz] = boxNormals[face]!;
      if (face < 2) [point.u, point.v, point.halfU, point.halfV] = [z, y, p.hz, p.hy];
      else if (face < 4) [point.u, point.v, point.halfU, point.halfV] = [x, z, p.hx, p.hz];
      else [point.u, point.v, point.halfU, point.halfV] = [x, y, p.hx, p.hy];
    } else {
      [nx, ny, nz] = p.shape === 'ellipsoid' ? [x / p.hx ** 2, y / p.hy ** 2, z / p.hz ** 2] : [x, -p.slope * Math.hypot(x, z), z];
      const length = Math.hypot(nx, ny, nz) || 1;
      [nx, ny, nz] = [nx / length, ny / length, nz / length];
      [point.u, point.v, point.halfU, point.halfV] = [Math.atan2(x, -z) * p.hx, y, Math.PI * p.hx, p.hy];
    }
    point.face = face;
    normal[0] = o.cos * nx + o.sin * nz;
    normal[1] = ny;
    normal[2] = -o.sin * nx + o.cos * nz;
  }

  /** Darkening by the room's own faces. */
  function corners(x: number, y: number, z: number): number {
    const by = (distance: number, facing: number): number => 1 - 0.34 * Math.exp(-Math.max(0, distance) / 0.32) * clamp(1 - facing);
    return by(y, normal[1]!) * by(height - y, -normal[1]!) * by(x + width / 2, normal[0]!) * by(width / 2 - x, -normal[0]!) * by(depth - z, -normal[2]!);
  }

  /** Light that reaches a point: from everywhere, from the main lamp, from lamps in the picture. */
  function lightAt(own: number, x: number, y: number, z: number): number {
    let open = corners(x, y, z);
    let lx = keyX - x;
    let ly = keyY - y;
    let lz = keyZ - z;
    const far = Math.hypot(lx, ly, lz);
    const facing = (normal[0]! * lx + normal[1]! * ly + normal[2]! * lz) / far;
    let direct = Math.max(0, 0.15 + 0.85 * facing);
    for (const o of objects) {
      enter(o, x + normal[0]! * 0.1, y + normal[1]! * 0.1, z + normal[2]! * 0.1);
      const ax = inFrame.x;
      const ay = inFrame.y;
      const az = inFrame.z;
      if (near(o, ax, ay, az)) {
        for (let k = o.first; k < o.end; k++) if (k !== own) open *= openness(parts[k]!, ax, ay, az);
      }
      if (direct <= 0.01) continue;
      enter(o, x + normal[0]! * 0.01, y + normal[1]! * 0.01, z + normal[2]! * 0.01);
      const dx = o.cos * lx - o.sin * lz;
      const dz = o.sin * lx + o.cos * lz;
      const bx = inFrame.x;
      const by = inFrame.y;
      const bz = inFrame.z;
      if (unshadowed(o, bx, by, bz, dx, ly, dz, far) === 1) continue;
      for (let k = o.first; k < o.end; k++) {
        const p = parts[k]!;
        if (p.shadow && k !== own) direct *= unshadowed(p, bx, by, bz, dx, ly, dz, far);
      }
    }
    let light = 1.25 * ambient * open * (0.84 + 0.16 * normal[1]!) + ((1 - ambient) * 2 * direct * (0.6 + 0.4 * open)) / (0.75 + 0.045 * far * far);
    for (const lamp of lamps) {
      lx = lamp.x - x;
      ly = lamp.y - y;
      lz = lamp.z - z;
      const square = lx * lx + ly * ly + lz * lz;
      const toward = (normal[0]! * lx + normal[1]! * ly + normal[2]! * lz) / Math.sqrt(square);
      light += (0.16 * (0.35 + 0.65 * Math.max(0, toward)) * open) / (0.25 + square);
    }
    return light;
  }

  return {
    rgb,
    shade(surface, { x, y, z, footprint }) {
      const index = (surface >> 3) - 1;
      point.footprint = footprint;
      const paint = index < 0 ? faces[surface]! : paints[index]!;
      point.variant = paint.variant;
      if (index < 0) setRoomFace(surface, x, y, z);
      else {
        enter(objects[parts[index]!.object]!, x, y, z);
        setPart(index, surface & 7);
      }
      texturePoint(paint.texture, point, value);
      if (surface >= 2 && surface < 5 && y < 0.14) {
        // Skirting board.
        const board = clamp((0.12 - y) / footprint + 0.5);
        value.gain += (1.12 - value.gain) * board;
      }
      const light = lightAt(index, x, y, z);
      // A shade is brightest around its bulb.
      if (paint.glow > 0.5) value.gain = 1.08 - 0.3 * (point.v / point.halfV) ** 2;
      const amount = value.gain * (light * (1 - 0.5 * paint.glow) + paint.glow);
      for (let c = 0; c < 3; c++) rgb[c] = (paint.color[c]! + (paint.accent[c]! - paint.color[c]!) * value.mix) * amount * tint[c]!;
    },
  };
}
