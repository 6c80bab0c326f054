import { SpatialGANError } from '@spatialgan/core';

/** What stands, lies or hangs in a room. */
export const roomKinds = ['bed', 'table', 'lamp', 'window', 'picture', 'plant', 'rug'] as const;
export type RoomKind = (typeof roomKinds)[number];

/** A colour: hue in degrees, saturation and value in [0, 1], of gamma-encoded RGB. */
export type Hsv = readonly [hue: number, saturation: number, value: number];

/** Metres: x to the right of the room's middle, y up from the floor, z away from the open front. */
export type Vector = readonly [x: number, y: number, z: number];

/** One object; two objects of equal fields but `at` look alike but for perspective and light. */
export interface RoomObject {
  /** Unique in its scene. */
  readonly id: string;
  readonly kind: RoomKind;
  /** Middle of the bottom of its bounding box. */
  readonly at: Vector;
  /** Turn about the vertical in radians; 0 faces the open front, π/2 the left. */
  readonly turn: number;
  /** Width, height, depth of its bounding box, in metres. */
  readonly size: Vector;
  readonly color: Hsv;
  /** Second colour: frame, pillows, pot, pattern. */
  readonly accent: Hsv;
  /** Which of its kind's shapes and patterns; a whole number from 0. */
  readonly variant: number;
}

/** Floor or walls. */
export interface RoomSurface {
  readonly color: Hsv;
  /** 0 plain, 1 planks or stripes, 2 tiles or panelling. */
  readonly pattern: number;
}

/** A furnished room, everything that decides its image; plain JSON that can be edited and rendered again. */
export interface RoomScene {
  readonly version: 1;
  readonly room: {
    /** Width, height, depth in metres. */
    readonly size: Vector;
    readonly floor: RoomSurface;
    readonly walls: RoomSurface;
    readonly ceiling: Hsv;
  };
  readonly camera: {
    readonly at: Vector;
    /** To the right, in radians. */
    readonly yaw: number;
    /** Upwards, in radians. */
    readonly pitch: number;
    /** Of the image's height (and width), in radians. */
    readonly fieldOfView: number;
  };
  /** The main lamp, out of sight. */
  readonly light: {
    readonly at: Vector;
    /** 0 white, 1 warm. */
    readonly warmth: number;
    /** Share of light that comes from everywhere, in [0, 1]. */
    readonly ambient: number;
  };
  readonly objects: readonly RoomObject[];
}

/**
 * The scene with one object elsewhere; coordinates left out stay.
 *
 * @throws SpatialGANError 'DATA' when there is no such object.
 */
export function moveRoomObject(scene: RoomScene, id: string, to: { readonly x?: number; readonly y?: number; readonly z?: number }): RoomScene {
  if (!scene.objects.some((object) => object.id === id)) {
    throw new SpatialGANError('DATA', `moveRoomObject: expected one of ${scene.objects.map((object) => object.id).join(', ') || '(no objects)'}, got '${id}'`);
  }
  const moved = (object: RoomObject): RoomObject => {
    const [x, y, z] = object.at;
    return { ...object, at: [to.x ?? x, to.y ?? y, to.z ?? z] };
  };
  return { ...scene, objects: scene.objects.map((object) => (object.id === id ? moved(object) : object)) };
}
