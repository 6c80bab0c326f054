import type { Hsv, RoomKind } from './roomScene.js';

/** Colours of one kind: all its materials lie in here. */
export interface HueBand {
  readonly kind: RoomKind;
  /** Degrees, least and most. */
  readonly hue: readonly [number, number];
  /** The palest material's saturation. */
  readonly leastSaturation: number;
}

/**
 * One band of hues for each kind, at least 16 degrees apart, so that a pixel's hue tells what it shows.
 *
 * Walls, floor and ceiling stay below `roomSaturation`. Light changes brightness only, up to a slight warmth.
 */
export const roomPalette: readonly HueBand[] = [
  { kind: 'table', hue: [13, 25], leastSaturation: 0.52 },
  { kind: 'lamp', hue: [44, 54], leastSaturation: 0.45 },
  { kind: 'plant', hue: [92, 138], leastSaturation: 0.35 },
  { kind: 'window', hue: [178, 194], leastSaturation: 0.3 },
  { kind: 'bed', hue: [212, 246], leastSaturation: 0.3 },
  { kind: 'rug', hue: [266, 288], leastSaturation: 0.3 },
  { kind: 'picture', hue: [318, 344], leastSaturation: 0.34 },
];

/** Walls and ceiling are at most this saturated; floors, of hues 26 to 40, at most `floor`. */
export const roomSaturation = { walls: 0.1, floor: 0.3, floorHue: [26, 40] as const };

/** Exponent of the display: encoded = linear^(1 / gamma); a pure power, so that light keeps hue and saturation. */
export const roomGamma = 2.2;

/** Linear RGB of a colour. */
export function linearOf([hue, saturation, value]: Hsv): readonly [number, number, number] {
  const channel = (n: number): number => {
    const k = (n + hue / 60) % 6;
    return (value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)))) ** roomGamma;
  };
  return [channel(5), channel(3), channel(1)];
}
