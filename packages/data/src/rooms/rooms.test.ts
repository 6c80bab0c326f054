import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';
import { batchStream } from '../batchStream.js';
import { projectPoint } from './roomCamera.js';
import { renderRoom } from './renderRoom.js';
import { linearOf, roomPalette, roomSaturation } from './roomPalette.js';
import { moveRoomObject, type RoomKind, roomKinds, type RoomObject, type RoomScene } from './roomScene.js';
import { rooms } from './rooms.js';
import { partsOf } from './roomShapes.js';
import { roomVisibility, wellSeen } from './roomVisibility.js';
import { sampleRoom } from './sampleRoom.js';

/** A straight look along z into a room of 4 × 2.6 × 4 metres. */
const empty: RoomScene = {
  version: 1,
  room: { size: [4, 2.6, 4], floor: { color: [30, 0.2, 0.7], pattern: 0 }, walls: { color: [0, 0, 0.9], pattern: 0 }, ceiling: [0, 0, 1] },
  camera: { at: [0, 1.3, -1], yaw: 0, pitch: 0, fieldOfView: Math.PI / 2 },
  light: { at: [0, 2.4, 1], warmth: 0, ambient: 0.5 },
  objects: [],
};
const picture: RoomObject = { id: 'p', kind: 'picture', at: [-0.5, 0.8, 3.975], turn: 0, size: [1, 1, 0.05], color: [330, 0.4, 0.9], accent: [330, 0.7, 0.5], variant: 0 };

test('the same seed and index give the same bytes, whatever the count', async () => {
  const [a, b] = [rooms({ resolution: 24, count: 10 }), rooms({ resolution: 24, count: 1e9 })];
  expect(await a.image(7)).toEqual(await b.image(7));
  expect(await a.image(7)).not.toEqual(await a.image(8));
  expect(await rooms({ resolution: 24, seed: 1 }).image(7)).not.toEqual(await a.image(7));
  expect((await b.image(999_999_999))).toHaveLength(24 * 24 * 3);
  await expect(a.image(10)).rejects.toMatchObject({ code: 'DATA' });
  // Another JavaScript engine may round a last bit otherwise.
  expect([...(await a.image(3)).subarray(900, 906)]).toEqual([188, 188, 182, 232, 231, 225].map((value) => expect.toSatisfy((byte: number) => Math.abs(byte - value) <= 1)));
});

test('a scene is JSON that renders again to the same image', () => {
  const data = rooms({ resolution: 16 });
  const scene = JSON.parse(JSON.stringify(data.scene(5))) as RoomScene;
  expect(renderRoom(scene, 16).pixels).toEqual(data.render(5).pixels);
});

test('a camera that looks straight puts things where the hand puts them', () => {
  // 5 metres away, half the image is 5 metres: 0.1 of the side is a metre.
  expect(projectPoint(empty, [-1, 1.3, 4])).toEqual({ x: expect.closeTo(0.4, 12), y: expect.closeTo(0.5, 12), depth: expect.closeTo(5, 12) });
  // The picture's front is 4.95 metres away: x from -1 to 0, y from 0.8 to 1.8.
  const { instances } = renderRoom({ ...empty, objects: [picture] }, 99);
  const inside = (x: number, y: number): number => instances[Math.floor(y * 99) * 99 + Math.floor(x * 99)]!;
  const at = (metres: number): number => 0.5 + metres / 9.9;
  expect([inside(at(-0.9), at(0)), inside(at(-0.1), at(0)), inside(at(-0.5), at(0.4)), inside(at(-0.5), at(-0.4))]).toEqual([1, 1, 1, 1]);
  expect([inside(at(-1.1), at(0)), inside(at(0.1), at(0)), inside(at(-0.5), at(0.6)), inside(at(-0.5), at(-0.6))]).toEqual([0, 0, 0, 0]);
});

test('moving one object changes its place and nothing else of the scene', () => {
  const scene = { ...empty, objects: [picture, { ...picture, id: 'q', at: [1, 0.8, 3.975] as const }] };
  const moved = moveRoomObject(scene, 'p', { x: -1 });
  expect(moved).toEqual({ ...scene, objects: [{ ...picture, at: [-1, 0.8, 3.975] }, scene.objects[1]] });
  const middle = (s: RoomScene): number => {
    const { instances } = renderRoom(s, 64);
    const columns = [...instances].flatMap((instance, i) => (instance === 1 ? [(i % 64) + 0.5] : []));
    return columns.reduce((a, b) => a + b, 0) / columns.length / 64;
  };
  expect(middle(moved) - middle(scene)).toBeCloseTo(-0.5 / 9.9, 2);
  expect(() => moveRoomObject(scene, 'r', { x: 0 })).toThrow(/one of p, q, got 'r'/);
});

test('a turn of a quarter looks to the left wall', () => {
  const onLeft: RoomObject = { ...picture, at: [-1.975, 0.8, 2], turn: -Math.PI / 2 };
  const { instances } = renderRoom({ ...empty, objects: [onLeft] }, 64);
  expect(new Set(instances)).toEqual(new Set([0, 1]));
  const seen = roomVisibility({ ...empty, objects: [onLeft] }, 64)[0]!;
  expect(seen.seen).toBe(1);
  expect(seen.whole).toBe(1);
});

test('rooms hold every kind, in numbers that vary, each well seen and within its hues', () => {
  const counts = new Map<RoomKind, number>();
  const numbers = new Set<number>();
  for (let i = 0; i < 150; i++) {
    const scene = sampleRoom(3, i);
    numbers.add(scene.objects.length);
    expect(scene.objects.length).toBeGreaterThanOrEqual(3);
    expect(roomVisibility(scene).every(wellSeen)).toBe(true);
    expect(new Set(scene.objects.map(({ id }) => id)).size).toBe(scene.objects.length);
    for (const object of scene.objects) {
      counts.set(object.kind, (counts.get(object.kind) ?? 0) + 1);
      const { hue: [low, high], leastSaturation } = roomPalette.find(({ kind }) => kind === object.kind)!;
      for (const { material } of partsOf(object)) {
        for (const [hue, saturation] of [material.color, material.accent]) {
          expect(hue >= low && hue <= high && saturation >= leastSaturation, `${object.kind} ${hue} ${saturation}`).toBe(true);
        }
      }
    }
    expect(scene.room.walls.color[1]).toBeLessThanOrEqual(roomSaturation.walls);
  }
  expect([...counts.keys()].sort()).toEqual([...roomKinds].sort());
  for (const [kind, count] of counts) expect(count, kind).toBeGreaterThan(20);
  expect(numbers.size).toBeGreaterThan(4);
});

test('an object is darker on the far side of the lamp, and casts a shadow', () => {
  const table: RoomObject = { id: 't', kind: 'table', at: [0, 0, 2], turn: 0, size: [1, 0.7, 1], color: [20, 0.6, 0.6], accent: [20, 0.6, 0.5], variant: 0 };
  const lit = { ...empty, light: { ...empty.light, at: [-1.8, 2.4, 2] as const } };
  const floor = (scene: RoomScene, x: number): number => {
    const { pixels, instances } = renderRoom(scene, 96);
    const { x: column, y: row } = projectPoint(scene, [x, 0, 2]);
    const i = Math.floor(row * 96) * 96 + Math.floor(column * 96);
    expect(instances[i]).toBe(0);
    return pixels[3 * i]!;
  };
  const scene = { ...lit, objects: [table] };
  expect(floor(scene, 0.75)).toBeLessThan(0.9 * floor(lit, 0.75));
  expect(floor(scene, -1.5)).toBe(floor(lit, -1.5));
});

test('linear colours are those of HSV, to the power of the display', () => {
  expect(linearOf([0, 1, 1])).toEqual([1, 0, 0]);
  expect(linearOf([240, 0.5, 1]).map((v) => v ** (1 / 2.2))).toEqual([expect.closeTo(0.5), expect.closeTo(0.5), expect.closeTo(1)]);
  expect(linearOf([60, 1, 0.5])).toEqual([0.5 ** 2.2, 0.5 ** 2.2, 0]);
});

test('bad sizes are refused, and batches can be made of rooms', async () => {
  expect(() => rooms({ resolution: 7 })).toThrow(/resolution of 8 to 4096, got 7/);
  expect(() => rooms({ resolution: 8, count: 0 })).toThrow(/count/);
  expect(() => renderRoom(empty, 1.5)).toThrow(/resolution/);
  const stream = batchStream(rooms({ resolution: 8, count: 5 }), { batch: 2, seed: 1 });
  const { images } = await stream.next();
  expect(images.shape).toEqual([2, 8, 8, 3]);
  images.dispose();
  stream.dispose();
});
