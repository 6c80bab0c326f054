import { SpatialGANError } from '@spatialgan/core';
import { cameraFrame, type Hit, roomTracer } from './roomCamera.js';
import { placeRoom } from './roomGeometry.js';
import { roomShader, type RoomShader } from './roomLight.js';
import { roomGamma } from './roomPalette.js';
import type { RoomScene } from './roomScene.js';

/** A room's picture and what each pixel shows. */
export interface RoomImage {
  readonly resolution: number;
  /** RGB, row-major. */
  readonly pixels: Uint8Array;
  /** What covers most of each pixel: 0 the room itself, or 1 + the object's place in `scene.objects`. */
  readonly instances: Uint8Array;
}

const few = [[0.375, 0.125], [0.875, 0.375], [0.625, 0.875], [0.125, 0.625]] as const;
/** No two in a row or column, so that straight edges cover a pixel by sixteenths. */
const many = Array.from({ length: 16 }, (_, i) => [(i + 0.5) / 16, (((i * 5) % 16) + 0.5) / 16] as const);
const maxSurfaces = 16;
/**
 * What a ray counts that meets another thing than most of its pixel's rays. Edges are a little crisper than a box filter's:
 * a pixel of two things shows at least two thirds of the one in the mask, so that the mask can be read from the picture.
 */
const minority = 0.5;

/** Rays of one pixel, gathered by the surface they met. */
function pixelGatherer() {
  const surfaces = new Int32Array(maxSurfaces);
  const instances = new Int32Array(maxSurfaces);
  const counts = new Int32Array(maxSurfaces);
  const depths = new Float64Array(maxSurfaces);
  const [xs, ys] = [new Float64Array(maxSurfaces), new Float64Array(maxSurfaces)];
  const gathered = { size: 0, surfaces, instances, counts, depths, xs, ys };
  return {
    gathered,
    clear() {
      gathered.size = 0;
    },
    add({ surface, instance, t }: Hit, x: number, y: number) {
      let i = 0;
      while (i < gathered.size && surfaces[i] !== surface) i++;
      if (i === gathered.size) {
        if (i === maxSurfaces) return;
        gathered.size++;
        surfaces[i] = surface;
        instances[i] = instance;
        counts[i] = depths[i] = xs[i] = ys[i] = 0;
      }
      counts[i]!++;
      // A plane's 1 / depth is linear in the image, so its mean is that of the mean place.
      depths[i]! += 1 / t;
      xs[i]! += x;
      ys[i]! += y;
    },
  };
}

function largestInstance({ size, instances, counts }: ReturnType<typeof pixelGatherer>['gathered']): number {
  if (size === 1) return instances[0]!;
  let [best, most] = [0, 0];
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) if (instances[j] === instances[i]) sum += counts[j]!;
    if (sum > most) [best, most] = [instances[i]!, sum];
  }
  return best;
}

/** Linear light to a byte; what is too bright is compressed by its largest channel, so that hue and saturation stay. */
function encode(rgb: Float64Array, into: Uint8Array, at: number): void {
  const peak = Math.max(rgb[0]!, rgb[1]!, rgb[2]!);
  const scale = peak > 0.7 ? (1 - 0.3 * Math.exp(-(peak - 0.7) / 0.3)) / peak : 1;
  for (let c = 0; c < 3; c++) into[at + c] = Math.round(255 * (rgb[c]! * scale) ** (1 / roomGamma));
}

/**
 * Renders a room by ray casting: 4 rays a pixel, 16 where they meet different surfaces, each surface shaded once.
 *
 * Textures fade where a pixel covers their detail. The same scene and resolution always give the same bytes.
 *
 * @throws SpatialGANError 'CONFIG' when the resolution is not a whole number of 8 to 4096; 'DATA' for more than 250 objects.
 */
export function renderRoom(scene: RoomScene, resolution: number): RoomImage {
  if (!Number.isInteger(resolution) || resolution < 8 || resolution > 4096) {
    throw new SpatialGANError('CONFIG', `renderRoom: expected a resolution of 8 to 4096, got ${resolution}`);
  }
  if (scene.objects.length > 250) throw new SpatialGANError('DATA', `renderRoom: expected at most 250 objects, got ${scene.objects.length}`);
  const room = placeRoom(scene);
  const tracer = roomTracer(room);
  const shader: RoomShader = roomShader(room);
  const { at, forward, right, up, reach } = cameraFrame(scene.camera);
  const { gathered, clear, add } = pixelGatherer();
  const pixels = new Uint8Array(resolution * resolution * 3);
  const instances = new Uint8Array(resolution * resolution);
  const place = { x: 0, y: 0, z: 0, footprint: 0 };
  const sum = new Float64Array(3);

  const cast = (column: number, row: number, offsets: readonly (readonly [number, number])[]): void => {
    clear();
    for (let i = 0; i < offsets.length; i++) {
      const x = (column + offsets[i]![0]) / resolution;
      const y = (row + offsets[i]![1]) / resolution;
      tracer.trace(x, y);
      add(tracer.hit, x, y);
    }
  };
  const shadeGathered = (i: number, weight: number): void => {
    const count = gathered.counts[i]!;
    const t = count / gathered.depths[i]!;
    const h = reach * ((2 * gathered.xs[i]!) / count - 1);
    const v = reach * (1 - (2 * gathered.ys[i]!) / count);
    place.x = at[0] + t * (forward[0] + h * right[0] + v * up[0]);
    place.y = at[1] + t * (forward[1] + h * right[1] + v * up[1]);
    place.z = at[2] + t * (forward[2] + h * right[2] + v * up[2]);
    place.footprint = (2.4 * reach * t) / resolution;
    shader.shade(gathered.surfaces[i]!, place);
    for (let c = 0; c < 3; c++) sum[c]! += shader.rgb[c]! * weight;
  };
  for (let row = 0, pixel = 0; row < resolution; row++) {
    for (let column = 0; column < resolution; column++, pixel++) {
      cast(column, row, few);
      if (gathered.size > 1) cast(column, row, many);
      const instance = largestInstance(gathered);
      sum.fill(0);
      let rays = 0;
      for (let i = 0; i < gathered.size; i++) {
        const weight = gathered.counts[i]! * (gathered.instances[i] === instance ? 1 : minority);
        shadeGathered(i, weight);
        rays += weight;
      }
      for (let c = 0; c < 3; c++) sum[c]! /= rays;
      encode(sum, pixels, pixel * 3);
      instances[pixel] = instance;
    }
  }
  return { resolution, pixels, instances };
}
