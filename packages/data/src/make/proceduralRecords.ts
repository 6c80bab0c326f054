import { roomKinds } from '../rooms/roomScene.js';
import { rooms, type RoomsOptions } from '../rooms/rooms.js';
import { avatars, type AvatarsOptions } from '../avatars.js';
import type { DatasetRecords } from './datasetRecords.js';

const roomsVersion = 2;

/** Rendered rooms as records; with `masks`, what each pixel shows. */
export function roomRecords({ masks = false, ...options }: RoomsOptions & { readonly masks?: boolean }): DatasetRecords {
  const data = rooms(options);
  const { seed = 0, resolution } = options;
  return {
    name: data.name, length: data.length, resolution, hasInstances: masks,
    identity: { rooms: roomsVersion, seed, resolution, masks, count: data.length },
    maskFacts: { source: 'rooms', seed, background: 0, kinds: roomKinds },
    title: (index) => `room ${index}`,
    async read(index) {
      const { pixels, instances } = data.render(index);
      if (!masks) return { pixels };
      const objects = data.scene(index).objects.map(({ id, kind }, i) => ({ instance: i + 1, kind, id }));
      return { pixels, instances, objects };
    },
  };
}

/** Drawn faces as records; with `masks`, where the face is. */
export async function avatarRecords({ masks = false, ...options }: AvatarsOptions & { readonly masks?: boolean }): Promise<DatasetRecords> {
  const data = await avatars(options);
  const { seed = 0, resolution } = options;
  return {
    name: data.name, length: data.length, resolution, hasInstances: masks,
    identity: { avatars: data.name, seed, resolution, count: data.length, masks },
    licences: data.licences,
    maskFacts: { source: 'avatars', seed, background: 0, kinds: ['face'] },
    title: (index) => `avatar ${index}`,
    async read(index) {
      const pixels = await data.image(index);
      return masks ? { pixels, instances: data.mask(index), objects: [{ instance: 1, kind: 'face', id: 'face' }] } : { pixels };
    },
    dispose: () => data.dispose(),
  };
}
