import type { Texture } from './roomShapes.js';

/** A point of a surface: coordinates in metres from its middle, half its extent, and how much of it a pixel covers. */
export interface SurfacePoint {
  u: number;
  v: number;
  halfU: number;
  halfV: number;
  footprint: number;
  /** 0 -x, 1 x, 2 -y, 3 y, 4 -z (the front), 5 z. */
  face: number;
  variant: number;
}

/** What a texture makes of a point: share of the second colour in [0, 1], and brightness. */
export interface TextureValue {
  mix: number;
  gain: number;
}

const clamp = (x: number): number => (x < 0 ? 0 : x > 1 ? 1 : x);
/** 0 below, 1 above an edge at 0, over one pixel. */
const edge = (x: number, footprint: number): number => clamp(x / footprint + 0.5);
/** How much of a pattern's contrast is left when a pixel covers much of its period. */
const kept = (period: number, footprint: number): number => clamp(period / (1.5 * footprint) - 0.6);
const fract = (x: number): number => x - Math.floor(x);

/** Hash of two whole numbers to [0, 1). */
function hash(x: number, y: number): number {
  let h = Math.imul(x | 0, 0x27d4eb2d) ^ Math.imul(y | 0, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}

/** Smooth noise of period 1, in [0, 1]. */
function noise(x: number, y: number): number {
  const [ix, iy] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - ix, y - iy];
  const [sx, sy] = [fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)];
  const top = hash(ix, iy) + (hash(ix + 1, iy) - hash(ix, iy)) * sx;
  const bottom = hash(ix, iy + 1) + (hash(ix + 1, iy + 1) - hash(ix, iy + 1)) * sx;
  return top + (bottom - top) * sy;
}

/** Bands of equal width in [0, 1], 0.5 where too fine to be seen. */
function bands(x: number, period: number, footprint: number): number {
  const phase = Math.abs(fract(x / period) - 0.5) * period;
  return 0.5 + (edge(phase - period / 4, footprint) - 0.5) * kept(period, footprint);
}

/** Darkness of lines of a width around multiples of a period. */
function lines(x: number, period: number, [width, footprint]: readonly [number, number]): number {
  const distance = (0.5 - Math.abs(fract(x / period) - 0.5)) * period;
  return clamp((width / 2 - distance) / footprint + 0.5) * Math.min(1, width / footprint);
}

/** Distance inside a rectangle's border, in metres. */
const inside = ({ u, v, halfU, halfV }: SurfacePoint): number => Math.min(halfU - Math.abs(u), halfV - Math.abs(v));

function pictureArt(p: SurfacePoint, side: number): number {
  const [x, y] = [p.u / side, p.v / side];
  const f = p.footprint / side;
  switch (p.variant % 4) {
    case 0: { // sun over hills
      const sun = edge(0.28 - Math.hypot(x - 0.12, y - 0.12), f) * 0.55;
      return Math.max(sun, edge(-0.25 + 0.16 * Math.sin(4 * x + p.variant) - y, f) * 0.9);
    }
    case 1: return Math.abs(edge(0.55 - Math.hypot(x, y), f) * 0.9 - edge(0.25 - Math.hypot(x, y), f) * 0.6);
    case 2: return bands(x * side * 0.8 + y * side * 0.8, side * 0.55, p.footprint) * 0.75;
    default: return Math.max(edge(-Math.max(x + 0.05, y), f) * 0.85, edge(Math.min(x - 0.2, y + 0.1), f) * 0.5);
  }
}

function picture(p: SurfacePoint, out: TextureValue): void {
  const border = inside(p);
  const frame = edge(0.085 - border, p.footprint);
  const side = Math.min(p.halfU, p.halfV);
  const art = edge(border - 0.15, p.footprint) * pictureArt(p, side);
  out.mix = frame + (1 - frame) * art;
}

function windowView(p: SurfacePoint, out: TextureValue): void {
  const { u, v, halfU, halfV, footprint, variant } = p;
  let bar = edge(0.07 - inside(p), footprint);
  if (variant % 3 !== 2) bar = Math.max(bar, edge(0.03 - Math.abs(u), footprint));
  if (variant % 3 === 0) bar = Math.max(bar, edge(0.03 - Math.abs(v - 0.1 * halfV), footprint));
  const hills = -0.35 + 0.18 * Math.sin((3 * u) / halfU + variant) + 0.07 * Math.sin((7 * u) / halfU + 2 * variant);
  const land = edge(hills * halfV - v, footprint);
  const sky = 0.78 + 0.22 * clamp(0.5 - v / (2 * halfV));
  out.mix = bar;
  out.gain = bar + (1 - bar) * (sky + (0.42 - sky) * land);
}

function rug(p: SurfacePoint, out: TextureValue): void {
  const { u, v, halfU, halfV, footprint, variant } = p;
  const round = variant % 3 === 2;
  const border = round ? halfU - Math.hypot(u, v) : inside(p);
  const ring = edge(border - 0.08, footprint) * edge(0.2 - border, footprint);
  const weave = variant % 2 === 0 ? bands(u, halfU / 2.5, footprint) : bands(Math.abs(u) / halfU + Math.abs(v) / halfV, 0.5, footprint / halfV);
  out.mix = Math.max(ring, edge(border - 0.28, footprint) * weave * 0.6);
}

function wood({ u, v, footprint, variant }: SurfacePoint, out: TextureValue): void {
  out.mix = 0.15 + 0.5 * noise(u * 1.5 + variant, v * 14) * kept(0.14, footprint);
}

function drawers(p: SurfacePoint, out: TextureValue): void {
  wood(p, out);
  if (p.face !== 4) return;
  const row = (2 * p.halfV) / p.variant;
  const gap = Math.max(lines(p.v + p.halfV, row, [0.03, p.footprint]), edge(0.03 - inside(p), p.footprint));
  const middle = (fract((p.v + p.halfV) / row) - 0.5) * row;
  out.gain = (1 - 0.5 * gap) * (1 - 0.6 * edge(0.035 - Math.hypot(Math.abs(p.u) - p.halfU / 2.2, middle), p.footprint));
}

function planks({ u, v, footprint }: SurfacePoint, out: TextureValue): void {
  const row = Math.floor(u / 0.18);
  const board = Math.floor(v / 1.2 + hash(row, 7));
  const seam = Math.max(lines(u, 0.18, [0.012, footprint]), lines(v + 1.2 * hash(row, 7), 1.2, [0.012, footprint]));
  const grain = (noise(u * 22, v * 1.6 + row) - 0.5) * 0.1 * kept(0.09, footprint);
  out.gain = (1 + (0.24 * (hash(row, board) - 0.5) + grain) * kept(0.18, footprint)) * (1 - 0.35 * seam);
}

/** Draws a texture's point into `out`. */
export function texturePoint(texture: Texture, p: SurfacePoint, out: TextureValue): void {
  const { u, v, footprint } = p;
  out.mix = 0;
  out.gain = 1;
  switch (texture) {
    case 'plain': return;
    case 'stripes': out.mix = bands(u, 0.3, footprint) * 0.8; return;
    case 'checks': out.mix = 0.4 * bands(u, 0.36, footprint) + 0.4 * bands(v, 0.36, footprint); return;
    case 'dots': {
      const distance = Math.hypot((fract(u / 0.26) - 0.5) * 0.26, (fract(v / 0.26) - 0.5) * 0.26);
      out.mix = 0.22 + (edge(0.07 - distance, footprint) * 0.9 - 0.22) * kept(0.26, footprint);
      return;
    }
    case 'wood': return wood(p, out);
    case 'drawers': return drawers(p, out);
    case 'leaves': out.mix = 0.5 + (noise(u * 16, v * 16) - 0.5) * 1.3 * kept(0.13, footprint); return;
    case 'picture': if (p.face === 4) picture(p, out); else out.mix = 1; return;
    case 'window': if (p.face === 4) windowView(p, out); else out.mix = 1; return;
    case 'rug': if (p.face === 3) rug(p, out); else out.mix = 1; return;
    case 'planks': return planks(p, out);
    case 'tiles': {
      const odd = (Math.floor(u / 0.5) + Math.floor(v / 0.5)) & 1;
      const grout = Math.max(lines(u, 0.5, [0.02, footprint]), lines(v, 0.5, [0.02, footprint]));
      out.gain = (1 - 0.2 * odd * kept(0.5, footprint)) * (1 - 0.25 * grout);
      return;
    }
    case 'wallpaper': out.gain = 1 - 0.07 * bands(u, 0.36, footprint); return;
    case 'panelling': {
      const low = edge(0.95 - v, footprint);
      out.gain = 1 - 0.13 * low * (1 - 0.6 * lines(u, 0.5, [0.04, footprint])) + 0.06 * edge(0.04 - Math.abs(v - 0.95), footprint);
    }
  }
}
