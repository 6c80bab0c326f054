import { SpatialGANError } from '@spatialgan/core';
import { assertIndex } from '../assertIndex.js';
import type { ImageDataset } from '../imageDataset.js';
import { renderRoom, type RoomImage } from './renderRoom.js';
import type { RoomScene } from './roomScene.js';
import { sampleRoom } from './sampleRoom.js';

export interface RoomsOptions {
  /** Side in pixels, 8 to 4096. */
  readonly resolution: number;
  /** Number of images, i.e. the length of an epoch; 20000 by default. Image i is the same whatever it is. */
  readonly count?: number;
  /** Decides every room; 0 by default. */
  readonly seed?: number;
}

/** Rendered rooms with what is known of them. */
export interface RoomsDataset extends ImageDataset {
  /** Everything that decides image `index`; edit it and render it again. */
  scene(index: number): RoomScene;
  /** Image `index` with its instance mask. */
  render(index: number): RoomImage;
}

/**
 * A procedural data set of furnished rooms: rendered when read, never stored, the same on every machine.
 *
 * Any index gives a room, so a data set has as many as `count` says. Objects have hues of their own kind
 * ({@link roomPalette}); each is mostly visible and in one piece.
 *
 * @throws SpatialGANError 'CONFIG' for bad options.
 */
export function rooms({ resolution, count = 20000, seed = 0 }: RoomsOptions): RoomsDataset {
  const whole = (value: number, low: number, high: number): boolean => Number.isInteger(value) && value >= low && value <= high;
  if (!whole(resolution, 8, 4096)) throw new SpatialGANError('CONFIG', `rooms: expected a resolution of 8 to 4096, got ${resolution}`);
  if (!whole(count, 1, 1e9)) throw new SpatialGANError('CONFIG', `rooms: expected a count of 1 to 1000000000, got ${count}`);
  const scene = (index: number): RoomScene => {
    assertIndex('rooms', index, count);
    return sampleRoom(seed, index);
  };
  return {
    name: 'rooms', length: count, resolution, channels: 3, cDim: 0,
    scene,
    render: (index) => renderRoom(scene(index), resolution),
    image: async (index) => renderRoom(scene(index), resolution).pixels,
  };
}
