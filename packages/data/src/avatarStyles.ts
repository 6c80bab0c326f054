import { type Style } from '@dicebear/core';
import * as adventurerNeutral from '@dicebear/adventurer-neutral';
import * as bigEars from '@dicebear/big-ears';
import * as bigSmile from '@dicebear/big-smile';
import * as funEmoji from '@dicebear/fun-emoji';

/** The part of a style's canvas that holds the face, in units of the drawing's side. */
export interface FaceFrame {
  readonly x: number;
  readonly y: number;
  /** Side of the square around the face. */
  readonly size: number;
}

/** A DiceBear style with what placing its faces takes. */
export interface AvatarStyle {
  readonly name: string;
  readonly version: string;
  readonly style: Style<Record<string, unknown>>;
  /** Options of the style, e.g. the eyes to choose from. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly face: FaceFrame;
}

export type AvatarStyleName = 'fun-emoji' | 'adventurer-neutral' | 'big-smile' | 'big-ears';

const version = '9.4.3';
const erase = (style: unknown): AvatarStyle['style'] => style as AvatarStyle['style'];
const whole: FaceFrame = { x: 0.5, y: 0.5, size: 1 };

/**
 * The bundled styles, all CC BY 4.0; `fun-emoji` keeps only the features that survive at 15 pixels a face.
 *
 * The neutral styles fill their canvas and are cut to a disc; frames of the others hold the middle half of 200
 * measured bounding boxes.
 */
export const avatarStyles: Readonly<Record<AvatarStyleName, AvatarStyle>> = {
  'fun-emoji': {
    name: 'fun-emoji', version, style: erase(funEmoji), face: whole,
    options: {
      radius: 50,
      eyes: ['plain', 'cute', 'sad', 'pissed', 'wink', 'love', 'stars', 'shades'],
      mouth: ['wideSmile', 'lilSmile', 'sad', 'shout', 'smileTeeth', 'smileLol', 'tongueOut'],
    },
  },
  'adventurer-neutral': {
    name: 'adventurer-neutral', version, style: erase(adventurerNeutral), face: whole, options: { radius: 50 },
  },
  'big-smile': {
    name: 'big-smile', version, style: erase(bigSmile), face: { x: 0.5, y: 0.5, size: 0.8 },
    options: { accessoriesProbability: 0 },
  },
  'big-ears': {
    name: 'big-ears', version, style: erase(bigEars), face: { x: 0.5, y: 0.52, size: 0.72 }, options: {},
  },
};

/** One line for people: what is drawn, by whom, under which licence. */
export function licenceOf({ name, style }: AvatarStyle): string {
  const { title, creator, source, license } = style.meta ?? {};
  return `${title ?? name} by ${creator ?? 'unknown'}, ${license?.name ?? 'licence not stated'}` +
    `${license?.url ? ` (${license.url})` : ''}${source ? `, ${source}` : ''}; remixed by DiceBear (MIT)`;
}
