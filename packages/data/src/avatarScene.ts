import { createAvatar } from '@dicebear/core';
import { Resvg } from '@resvg/resvg-js';
import { createRng, type Rng, SpatialGANError } from '@spatialgan/core';
import { type AvatarStyle } from './avatarStyles.js';

/** Where the face of an image is, in units of the image's side; x to the right, y down, [0, 1]. */
export interface AvatarPlacement {
  readonly x: number;
  readonly y: number;
  /** Side of the square around the face. */
  readonly scale: number;
  /** Mirrored left-right. */
  readonly flip: boolean;
}

/** Everything that decides one image, drawn from the seed and the index only. */
export interface AvatarScene {
  readonly placement: AvatarPlacement;
  readonly style: AvatarStyle;
  readonly seed: string;
  /** Background, top to bottom, as #rrggbb. */
  readonly background: readonly [string, string];
}

const spread = 0.2;
const margin = 0.15;

/** N(0.5, 0.2²) cut to [0.15, 0.85]: a standard deviation of 0.17. */
function coordinate(rng: Rng): number {
  for (;;) {
    const value = 0.5 + spread * rng.normal();
    if (value >= margin && value <= 1 - margin) return value;
  }
}

/** An HSL colour of saturation 0.4 as #rrggbb; hue in degrees, lightness in percent. */
function colour(hue: number, lightness: number): string {
  const l = lightness / 100;
  const amplitude = 0.4 * Math.min(l, 1 - l);
  const channel = (n: number): string => {
    const k = (n + hue / 30) % 12;
    const value = l - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value).toString(16).padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

/** The scene of image `index`. */
export function avatarScene(index: number, options: { readonly seed: number; readonly styles: readonly AvatarStyle[] }): AvatarScene {
  const rng = createRng(options.seed).split('avatars').split(String(index));
  const placement = { x: coordinate(rng), y: coordinate(rng), scale: 0.45 + 0.25 * rng.uniform(), flip: rng.uniform() < 0.5 };
  const style = options.styles[rng.integer(options.styles.length)]!;
  const hue = rng.uniform() * 360;
  const lightness = 72 + 18 * rng.uniform();
  const shade = lightness - 6 * rng.uniform();
  // DiceBear draws alike for seeds that read alike, so the seed is a random word.
  const seed = Array.from({ length: 4 }, () => rng.integer(2 ** 32).toString(36)).join('');
  return { placement, style, seed, background: [colour(hue, lightness), colour(hue, shade)] };
}

/** The scene as an SVG document of one unit side; the face alone is on nothing. */
function svgOf({ placement, style, seed, background }: AvatarScene, alone = false): string {
  const drawing = createAvatar(style.style, { ...style.options, seed }).toString();
  const [, head, body] = /^<svg([^>]*)>([\s\S]*)<\/svg>$/.exec(drawing.replace(/<metadata[\s\S]*?<\/metadata>/, '')) ?? [];
  const side = Number(/viewBox="0 0 ([\d.]+) [\d.]+"/.exec(head ?? '')?.[1]);
  if (!body || !(side > 0)) {
    throw new SpatialGANError('DATA', `avatars: style ${style.name} drew no square SVG; use a style of @dicebear 9.4`);
  }
  const { x, y, scale, flip } = placement;
  const zoom = scale / (style.face.size * side);
  const move = `translate(${x} ${y}) scale(${flip ? -zoom : zoom} ${zoom}) translate(${-style.face.x * side} ${-style.face.y * side})`;
  const [top, bottom] = background;
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1 1" width="1" height="1">' +
    (alone ? '' : `<linearGradient id="sky" x2="0" y2="1"><stop stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient><rect width="1" height="1" fill="url(#sky)"/>`) +
    `<g fill="none" transform="${move}">${body}</g></svg>`
  );
}

/** RGBA, resolution · resolution · 4 bytes. */
const draw = (svg: string, resolution: number): Uint8Array => new Resvg(svg, { fitTo: { mode: 'width', value: resolution }, font: { loadSystemFonts: false } }).render().pixels;

/** Draws a scene; resolution · resolution · 3 bytes. */
export function renderAvatar(scene: AvatarScene, resolution: number): Uint8Array {
  const rgba = draw(svgOf(scene), resolution);
  const rgb = new Uint8Array(resolution * resolution * 3);
  for (let i = 0; i < resolution * resolution; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = rgba[4 * i + c]!;
  }
  return rgb;
}

/** 1 where the face covers at least half of a pixel; resolution · resolution bytes. */
export function renderAvatarMask(scene: AvatarScene, resolution: number): Uint8Array {
  const rgba = draw(svgOf(scene, true), resolution);
  return Uint8Array.from({ length: resolution * resolution }, (_, i) => (rgba[4 * i + 3]! >= 128 ? 1 : 0));
}
