import type { Hsv, RoomObject } from './roomScene.js';

/** How a surface's two colours are laid out. */
export type Texture = 'plain' | 'stripes' | 'checks' | 'dots' | 'wood' | 'leaves' | 'window' | 'picture' | 'rug' | 'drawers' | 'planks' | 'tiles' | 'wallpaper' | 'panelling';

export interface Material {
  readonly color: Hsv;
  readonly accent: Hsv;
  readonly texture: Texture;
  /** Light it gives by itself, in its own colour. */
  readonly glow?: number;
  /** Chooses among a texture's drawings. */
  readonly variant?: number;
}

/** A part of an object, in the object's frame: origin at the middle of its bottom, x right, y up, z to its back. */
export interface Part {
  readonly shape: 'box' | 'ellipsoid' | 'frustum';
  readonly center: readonly [number, number, number];
  /** Half sizes; of a frustum: lower radius, half height, upper radius. */
  readonly half: readonly [number, number, number];
  readonly material: Material;
  /** Thin or flat parts cast no shadow. */
  readonly shadow: boolean;
}

const part = (shape: Part['shape'], center: Part['center'], half: Part['half'], material: Material, shadow = true): Part =>
  ({ shape, center, half, material, shadow });

const shade = ([hue, saturation, value]: Hsv, by: number): Hsv => [hue, saturation, value * by];

function bed({ size: [w, h, d], color, accent, variant }: RoomObject): readonly Part[] {
  const frame: Material = { color: shade(accent, 0.78), accent: shade(accent, 0.78), texture: 'plain' };
  const sheet: Material = { color: [color[0], 0.3, 0.93], accent: [color[0], 0.3, 0.93], texture: 'plain' };
  const textures = ['plain', 'stripes', 'checks', 'dots'] as const;
  const blanket: Material = { color, accent, texture: textures[variant % textures.length]! };
  const [top, front] = [0.5, -d / 2 + 0.06];
  const pillows = w > 1.3 ? [-w / 4, w / 4] : [0];
  return [
    part('box', [0, h / 2, d / 2 - 0.05], [w / 2, h / 2, 0.05], frame),
    part('box', [0, 0.17, 0], [w / 2 - 0.02, 0.13, d / 2 - 0.02], frame),
    part('box', [0, 0.4, 0.02], [w / 2 - 0.05, 0.1, d / 2 - 0.08], sheet),
    part('box', [0, (top + 0.2) / 2, front / 2 + d * 0.09], [w / 2 + 0.01, (top - 0.2) / 2 + 0.03, d * 0.34], blanket),
    ...pillows.map((x) => part('ellipsoid', [x, 0.56, d / 2 - 0.36], [Math.min(0.4, w * 0.23), 0.13, 0.23], sheet, false)),
    ...(variant % 2 === 1 ? [part('box', [0, 0.3, -d / 2 + 0.04], [w / 2, 0.3, 0.04], frame)] : []),
  ];
}

function table({ size: [w, h, d], color, accent, variant }: RoomObject): readonly Part[] {
  const wood: Material = { color, accent, texture: 'wood' };
  if (variant % 3 === 2) {
    const chest: Material = { color, accent, texture: 'drawers', variant: 2 + (variant % 2) };
    return [part('box', [0, h / 2, 0], [w / 2 - 0.03, h / 2, d / 2 - 0.03], chest), part('box', [0, h - 0.03, 0], [w / 2, 0.03, d / 2], wood)];
  }
  if (variant % 3 === 1) {
    const radius = Math.min(w, d) / 2;
    return [
      part('frustum', [0, h - 0.04, 0], [radius, 0.04, radius], wood),
      part('frustum', [0, h / 2, 0], [0.13, h / 2 - 0.04, 0.09], wood),
      part('frustum', [0, 0.04, 0], [radius * 0.65, 0.04, radius * 0.5], wood),
    ];
  }
  const legs = [-1, 1].flatMap((sx) => [-1, 1].map((sz) => [sx * (w / 2 - 0.085), sz * (d / 2 - 0.085)] as const));
  return [
    part('box', [0, h - 0.05, 0], [w / 2, 0.05, d / 2], wood),
    part('box', [0, h - 0.14, 0], [w / 2 - 0.05, 0.06, d / 2 - 0.05], wood),
    ...legs.map(([x, z]) => part('box', [x, h / 2 - 0.05, z], [0.075, h / 2 - 0.05, 0.075], wood)),
  ];
}

function lamp({ size: [w, h], color, accent, variant }: RoomObject): readonly Part[] {
  const screen: Material = { color, accent: color, texture: 'plain', glow: 0.75 };
  const metal: Material = { color: accent, accent, texture: 'plain' };
  const r = w / 2;
  if (variant % 3 === 2) {
    // Hangs from the ceiling.
    return [
      part('ellipsoid', [0, r, 0], [r, r, r], screen, false),
      part('box', [0, (h + 2 * r) / 2, 0], [0.05, (h - 2 * r) / 2, 0.05], metal, false),
    ];
  }
  const height = Math.min(0.55, h * 0.34);
  const head =
    variant % 3 === 1
      ? part('ellipsoid', [0, h - height / 2, 0], [r, height / 2, r], screen, false)
      : part('frustum', [0, h - height / 2, 0], [r, height / 2, r * 0.62], screen, false);
  return [
    head,
    part('frustum', [0, (h - height) / 2, 0], [0.085, (h - height) / 2, 0.075], metal),
    part('frustum', [0, 0.03, 0], [r * 0.7, 0.03, r * 0.6], metal),
  ];
}

function window({ size: [w, h, d], color, accent, variant }: RoomObject): readonly Part[] {
  const pane: Material = { color, accent, texture: 'window', variant, glow: 0.35 };
  const sill: Material = { color: accent, accent, texture: 'plain' };
  return [
    part('box', [0, h / 2, 0], [w / 2, h / 2, d / 2], pane, false),
    part('box', [0, 0.03, -d / 2 - 0.05], [w / 2 + 0.05, 0.03, 0.06], sill, false),
  ];
}

function picture({ size: [w, h, d], color, accent, variant }: RoomObject): readonly Part[] {
  return [part('box', [0, h / 2, 0], [w / 2, h / 2, d / 2], { color, accent, texture: 'picture', variant }, false)];
}

/** Places of the leaves' ellipsoids around the crown's middle, in units of its radii. */
const crowns = [
  [[0, 0.1, 0, 0.75], [-0.5, -0.2, 0.1, 0.5], [0.5, -0.15, -0.1, 0.52], [0.1, 0.5, 0, 0.5], [-0.25, 0.35, -0.3, 0.45]],
  [[0, -0.35, 0, 0.65], [0, 0.2, 0, 0.5], [0, 0.65, 0, 0.34]],
  [[-0.35, 0, 0, 0.6], [0.38, 0.1, 0, 0.58], [0, 0.35, -0.2, 0.6]],
] as const;

function plant({ size: [w, h, d], color, accent, variant }: RoomObject): readonly Part[] {
  const pot: Material = { color: accent, accent: shade(accent, 0.8), texture: 'stripes' };
  const leaves: Material = { color, accent: shade(color, 0.62), texture: 'leaves' };
  const potHeight = h * 0.32;
  const half = (h - potHeight) / 2;
  const middle = potHeight + half;
  return [
    part('frustum', [0, potHeight / 2, 0], [w * 0.24, potHeight / 2, w * 0.33], pot),
    ...crowns[variant % crowns.length]!.map(([x, y, z, r]) =>
      part('ellipsoid', [(x * w) / 2, middle - half * 0.05 + y * half, (z * d) / 2], [(r * w) / 2, r * half, (r * d) / 2], leaves)),
  ];
}

function rug({ size: [w, h, d], color, accent, variant }: RoomObject): readonly Part[] {
  const material: Material = { color, accent, texture: 'rug', variant };
  if (variant % 3 === 2) return [part('frustum', [0, h / 2, 0], [Math.min(w, d) / 2, h / 2, Math.min(w, d) / 2], material, false)];
  return [part('box', [0, h / 2, 0], [w / 2, h / 2, d / 2], material, false)];
}

const shapes = { bed, table, lamp, window, picture, plant, rug };

/** The parts that an object is made of. */
export const partsOf = (object: RoomObject): readonly Part[] => shapes[object.kind](object);
