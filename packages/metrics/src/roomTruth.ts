import { createRng, type Rng } from '@spatialgan/core';
import { moveRoomObject, renderRoom, type RoomImage, type RoomObject, type RoomScene, roomVisibility, sampleRoom, wellSeen } from '@spatialgan/data/rooms';
import { estimateMean } from './coMoveRatio.js';
import type { RegionMove } from './evaluateCoMove.js';
import type { Interval } from './metricResult.js';
import type { ByteImage } from '@spatialgan/data';
import type { SegmentedObject, Segmenter } from './segmenter.js';

const byteImage = ({ pixels, resolution }: RoomImage): ByteImage => ({ data: pixels, width: resolution, height: resolution, channels: 3 });

/** 1 where a pixel and its eight neighbours show the same. */
function insideOf({ instances, resolution }: RoomImage): Uint8Array {
  return Uint8Array.from(instances, (instance, i) => {
    const [x, y] = [i % resolution, Math.floor(i / resolution)];
    for (let row = Math.max(0, y - 1); row <= Math.min(resolution - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(resolution - 1, x + 1); column++) {
        if (instances[row * resolution + column] !== instance) return 0;
      }
    }
    return 1;
  });
}

/** Intersection over union of an object's true pixels with a mask, of those that count; NaN when there are none. */
function overlap({ instances }: RoomImage, instance: number, { mask }: SegmentedObject, counts?: Uint8Array): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (counts?.[i] === 0) continue;
    const truth = instances[i] === instance ? 1 : 0;
    both += truth & mask[i]!;
    either += truth | mask[i]!;
  }
  return both / either;
}

/** How well a segmenter finds the objects of true rooms. */
export interface SegmenterAccuracy {
  /** Mean over objects of the best overlap with a found object of the same kind; 0 where there is none. */
  readonly meanIoU: number;
  readonly interval: Interval | null;
  /** The same without the pixels at borders of true masks, which show more than one thing; of objects with other pixels. */
  readonly insideIoU: number;
  readonly objects: number;
  /** Objects whose best overlap is below one half. */
  readonly missed: number;
}

/** Measures a segmenter on rooms, whose true masks are known; labels must be kinds of rooms, or absent. */
export async function roomSegmenterAccuracy(
  segmenter: Segmenter,
  { resolution, count, seed = 0 }: { readonly resolution: number; readonly count: number; readonly seed?: number },
): Promise<SegmenterAccuracy> {
  const overlaps: number[] = [];
  const insides: number[] = [];
  for (let i = 0; i < count; i++) {
    const scene = sampleRoom(seed, i);
    const image = renderRoom(scene, resolution);
    const found = await segmenter.segment(byteImage(image));
    const inside = insideOf(image);
    for (const [k, { kind }] of scene.objects.entries()) {
      const alike = found.filter(({ label }) => label === undefined || label === kind);
      overlaps.push(Math.max(0, ...alike.map((object) => overlap(image, k + 1, object))));
      if (image.instances.some((instance, p) => instance === k + 1 && inside[p] === 1)) {
        insides.push(Math.max(0, ...alike.map((object) => overlap(image, k + 1, object, inside))));
      }
    }
  }
  const { mean, interval } = estimateMean(overlaps);
  return { meanIoU: mean, interval, insideIoU: estimateMean(insides).mean, objects: overlaps.length, missed: overlaps.filter((value) => value < 0.5).length };
}

export interface RoomMovesOptions {
  readonly resolution: number;
  /** Lengths of moves in image sides; default [0.1, 0.3], as for a model's regions. */
  readonly length?: readonly [number, number];
  /**
   * Share of the object that must be seen before and after; default 0.99. With less, what stands before it hides the side
   * that it moves to, or shows more of the side that it leaves: the middle of what is seen moves less than the object.
   */
  readonly leastSeen?: number;
}

/** Middle and number of an object's pixels, were nothing before it. */
function pictureAlone(scene: RoomScene, object: RoomObject, resolution: number): { readonly x: number; readonly y: number; readonly area: number } {
  const { instances } = renderRoom({ ...scene, objects: [object] }, resolution);
  let [x, y, area] = [0, 0, 0];
  instances.forEach((instance, i) => {
    if (instance === 0) return;
    area++;
    x += (i % resolution) + 0.5;
    y += Math.floor(i / resolution) + 0.5;
  });
  return { x: x / area / resolution, y: y / area / resolution, area };
}

/** The seen pixel of an object that is nearest to its middle. */
function pointOn({ instances, resolution }: RoomImage, instance: number, middle: { readonly x: number; readonly y: number }): { x: number; y: number } {
  let [best, least] = [middle as { x: number; y: number }, Infinity];
  instances.forEach((each, i) => {
    if (each !== instance) return;
    const at = { x: ((i % resolution) + 0.5) / resolution, y: (Math.floor(i / resolution) + 0.5) / resolution };
    const distance = (at.x - middle.x) ** 2 + (at.y - middle.y) ** 2;
    if (distance < least) [best, least] = [at, distance];
  });
  return best;
}

/** Another place for an object: on the floor, or along the wall that it hangs on. */
function elsewhere(object: RoomObject, rng: Rng): { readonly x?: number; readonly y?: number; readonly z?: number } {
  const [x, y, z] = object.at;
  const shift = (): number => 1.6 * (2 * rng.uniform() - 1);
  const hangs = object.kind === 'window' || object.kind === 'picture';
  if (!hangs) return { x: x + shift(), z: z + shift() };
  return object.turn === 0 ? { x: x + shift(), y: y + 0.4 * shift() } : { z: z + shift(), y: y + 0.4 * shift() };
}

/** Whether an object lies within the room. */
function withinRoom({ room: { size: [width, height, depth] } }: RoomScene, { at: [x, y, z], size }: RoomObject): boolean {
  const half = 0.45 * Math.min(size[0], size[2]);
  return Math.abs(x) + half <= width / 2 && y >= 0 && y + size[1] <= height + 0.001 && z >= 0.3 && z <= depth;
}

/** Share of an object's picture that nothing hides. */
const seenOf = ({ instances }: RoomImage, instance: number, { area }: { readonly area: number }): number =>
  instances.reduce((sum, each) => sum + (each === instance ? 1 : 0), 0) / area;

/**
 * Moves one object of a true room and renders it again: what a model whose objects follow their regions entirely would
 * do. Its Co-move ratio is 1, up to what the segmenter sees of it.
 *
 * The move is that of the object's own picture, seen alone; objects that others hide in part are left out.
 *
 * @returns what `evaluateCoMove` draws from.
 */
export function roomMoves({ resolution, length: [least, most] = [0.1, 0.3], leastSeen = 0.99 }: RoomMovesOptions): (index: number, rng: Rng) => RegionMove {
  return (_index, rng) => {
    const seed = rng.integer(2 ** 31);
    for (let tries = 0; ; tries++) {
      const own = createRng(seed).split(`try:${tries}`);
      const scene = sampleRoom(seed, tries);
      const place = own.integer(scene.objects.length);
      const object = scene.objects[place]!;
      const moved = moveRoomObject(scene, object.id, elsewhere(object, own));
      // A look at few rays spares most of the renderings.
      if (!withinRoom(scene, moved.objects[place]!) || roomVisibility(scene)[place]!.seen < leastSeen - 0.03) continue;
      const seen = roomVisibility(moved);
      if (!seen.every(wellSeen) || seen[place]!.seen < leastSeen - 0.03) continue;
      const [from, to] = [pictureAlone(scene, object, resolution), pictureAlone(moved, moved.objects[place]!, resolution)];
      const move = { x: to.x - from.x, y: to.y - from.y };
      const far = Math.hypot(move.x, move.y);
      if (!(far >= least && far <= most)) continue;
      const [before, after] = [renderRoom(scene, resolution), renderRoom(moved, resolution)];
      if (Math.min(seenOf(before, place + 1, from), seenOf(after, place + 1, to)) < leastSeen) continue;
      return { before: byteImage(before), after: byteImage(after), center: pointOn(before, place + 1, from), move };
    }
  };
}
