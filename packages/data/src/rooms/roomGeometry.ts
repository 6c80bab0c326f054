import { type Material, type Part, partsOf } from './roomShapes.js';
import type { RoomScene } from './roomScene.js';

/** The box around a thing, in its object's frame: center and half sizes. */
interface Box {
  readonly cx: number;
  readonly cy: number;
  readonly cz: number;
  readonly hx: number;
  readonly hy: number;
  readonly hz: number;
}

/** A part in its object's frame, with the camera in the same frame. */
export interface PlacedPart extends Box {
  readonly shape: Part['shape'];
  readonly object: number;
  readonly material: Material;
  readonly shadow: boolean;
  /** Of a frustum: radius at its bottom, and how it grows with height. */
  readonly radius: number;
  readonly slope: number;
}

/** An object's frame, and the box around its parts in that frame. */
export interface PlacedObject extends Box {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly cos: number;
  readonly sin: number;
  /** Its parts are [first, end). */
  readonly first: number;
  readonly end: number;
}

export interface PlacedRoom {
  readonly scene: RoomScene;
  readonly parts: readonly PlacedPart[];
  readonly objects: readonly PlacedObject[];
}

function placePart({ shape, center: [cx, cy, cz], half: [a, b, c], material, shadow }: Part, object: number): PlacedPart {
  const round = shape === 'frustum';
  const radius = Math.max(a, c);
  return {
    shape, object, material, shadow, cx, cy, cz,
    hx: round ? radius : a, hy: b, hz: round ? radius : c,
    radius: a, slope: round ? (c - a) / (2 * b) : 0,
  };
}

/** The parts of a scene's objects, ready to be met by rays. */
export function placeRoom(scene: RoomScene): PlacedRoom {
  const parts: PlacedPart[] = [];
  const objects = scene.objects.map((object, index): PlacedObject => {
    const own = partsOf(object).map((part) => placePart(part, index));
    const first = parts.length;
    parts.push(...own);
    const low = (c: 'cx' | 'cy' | 'cz', h: 'hx' | 'hy' | 'hz'): number => Math.min(...own.map((part) => part[c] - part[h]));
    const high = (c: 'cx' | 'cy' | 'cz', h: 'hx' | 'hy' | 'hz'): number => Math.max(...own.map((part) => part[c] + part[h]));
    const span = (c: 'cx' | 'cy' | 'cz', h: 'hx' | 'hy' | 'hz'): [number, number] => {
      const [from, to] = [low(c, h), high(c, h)];
      return [(from + to) / 2, (to - from) / 2];
    };
    const [[cx, hx], [cy, hy], [cz, hz]] = [span('cx', 'hx'), span('cy', 'hy'), span('cz', 'hz')];
    const [x, y, z] = object.at;
    return { x, y, z, cos: Math.cos(object.turn), sin: Math.sin(object.turn), cx, cy, cz, hx, hy, hz, first, end: parts.length };
  });
  return { scene, parts, objects };
}

/** A ray in an object's frame, and what it met. One object for many rays: its numbers are not boxed on the way. */
export interface Ray {
  ox: number;
  oy: number;
  oz: number;
  dx: number;
  dy: number;
  dz: number;
  /** Distance in units of the direction; Infinity when nothing was met. */
  t: number;
  /** 0 -x or a side, 1 x, 2 -y, 3 y, 4 -z, 5 z. */
  face: number;
}

function meetBox(ray: Ray, p: PlacedPart): void {
  const ix = 1 / ray.dx;
  const iy = 1 / ray.dy;
  const iz = 1 / ray.dz;
  const kx = Math.abs(ix) * p.hx;
  const ky = Math.abs(iy) * p.hy;
  const kz = Math.abs(iz) * p.hz;
  const nx = (p.cx - ray.ox) * ix;
  const ny = (p.cy - ray.oy) * iy;
  const nz = (p.cz - ray.oz) * iz;
  const near = Math.max(Math.max(nx - kx, ny - ky), nz - kz);
  if (!(near <= Math.min(Math.min(nx + kx, ny + ky), nz + kz)) || near <= 0) return;
  ray.t = near;
  ray.face = near === nx - kx ? (ray.dx > 0 ? 0 : 1) : near === ny - ky ? (ray.dy > 0 ? 2 : 3) : ray.dz > 0 ? 4 : 5;
}

function meetEllipsoid(ray: Ray, p: PlacedPart): void {
  const px = (ray.ox - p.cx) / p.hx;
  const py = (ray.oy - p.cy) / p.hy;
  const pz = (ray.oz - p.cz) / p.hz;
  const qx = ray.dx / p.hx;
  const qy = ray.dy / p.hy;
  const qz = ray.dz / p.hz;
  const a = qx * qx + qy * qy + qz * qz;
  const b = px * qx + py * qy + pz * qz;
  const square = b * b - a * (px * px + py * py + pz * pz - 1);
  if (square < 0) return;
  const t = (-b - Math.sqrt(square)) / a;
  if (t <= 0) return;
  ray.t = t;
  ray.face = 0;
}

/** A cone's trunk with lids. */
function meetFrustum(ray: Ray, p: PlacedPart): void {
  const { dx, dy, dz } = ray;
  const px = ray.ox - p.cx;
  const py = ray.oy - (p.cy - p.hy);
  const pz = ray.oz - p.cz;
  const r = p.radius + p.slope * py;
  const k = p.slope * dy;
  const a = dx * dx + dz * dz - k * k;
  const b = px * dx + pz * dz - r * k;
  const square = b * b - a * (px * px + pz * pz - r * r);
  if (square >= 0) {
    const t = (-b - Math.sqrt(square)) / a;
    const y = py + t * dy;
    if (t > 0 && y >= 0 && y <= 2 * p.hy) {
      ray.t = t;
      ray.face = 0;
    }
  }
  const top = py > 0;
  const t = ((top ? 2 * p.hy : 0) - py) / dy;
  const lid = p.radius + (top ? p.slope * 2 * p.hy : 0);
  const x = px + t * dx;
  const z = pz + t * dz;
  if (t <= 0 || t >= ray.t || top !== dy < 0 || x * x + z * z > lid * lid) return;
  ray.t = t;
  ray.face = top ? 3 : 2;
}

/** Follows a ray to a part of the object in whose frame it is; leaves distance and face in it. */
export function meetPart(ray: Ray, p: PlacedPart): void {
  ray.t = Infinity;
  if (p.shape === 'box') meetBox(ray, p);
  else if (p.shape === 'frustum') meetFrustum(ray, p);
  else meetEllipsoid(ray, p);
}
