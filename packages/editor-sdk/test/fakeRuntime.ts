import { SpatialGANError, isotropicCovariance, type HeatmapLayout, type ModelRuntime, type RgbaImage, type SynthesisRequest } from '@spatialgan/schema';

/** Levels of 1, 2 and 4 regions like the hierarchical sampler's, placed by the seed. */
export function fakeLayout(seed: number): HeatmapLayout {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const random = (): number => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0), state / 2 ** 32);
  const center = { x: 0.35 + 0.3 * random(), y: 0.35 + 0.3 * random() };
  const level = (l: number, count: number, spread: number) => ({
    resolutions: [4 << l],
    regions: Array.from({ length: count }, (_, i) => ({
      kind: 'gaussian' as const, id: `l${l}r${i}`, weight: 1, covariance: isotropicCovariance(0.24 / (1 + l)),
      center: l === 0 ? center : { x: center.x + spread * (random() - 0.5), y: center.y + spread * (random() - 0.5) },
      ...(l > 0 && { parentId: 'l0r0' }),
    })),
  });
  return { version: 1, levels: [level(0, 1, 0), level(1, 2, 0.4), level(2, 4, 0.7)] };
}

/** A picture in which every center shows, tinted by the latent's seed and the class. */
export function fakeImage({ layout, latent, label, truncationPsi = 1 }: SynthesisRequest, size = 32): RgbaImage {
  const pixels = new Uint8ClampedArray(size * size * 4);
  const hue = (latent.kind === 'seed' ? (latent.seed * 47) % 200 : 80) + 40 * (label?.indexOf(1) ?? 0);
  for (let i = 0; i < size * size; i += 1) {
    const [x, y] = [((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size];
    const heights = layout.levels.map(({ regions }) =>
      regions.reduce((sum, { center, weight }) => sum + weight * Math.exp(-40 * ((x - center.x) ** 2 + (y - center.y) ** 2)), 0),
    );
    const own = layout.levels.flatMap(({ regions }) => regions).reduce((sum, { style }) => sum + (style?.kind === 'seed' ? style.seed % 90 : style?.kind === 'mix' ? 90 * style.amount : 0), 0);
    pixels.set([40 + 200 * (heights[0] ?? 0), 60 + 90 * (heights[1] ?? 0) + hue / 4 + own, (hue + 120 * (heights[2] ?? 0)) * truncationPsi, 255], i * 4);
  }
  return { pixels, width: size, height: size };
}

export interface FakeRuntime extends ModelRuntime {
  readonly requests: SynthesisRequest[];
  readonly signals: AbortSignal[];
  readonly qualities: string[];
  /** The image of each request, by its number. */
  readonly images: RgbaImage[];
}
export interface FakeRuntimeOptions {
  /** Milliseconds of an image; a function sees the number of the request. Default 0. */
  readonly delay?: number | ((n: number) => number);
  /** Whether it heeds AbortSignals, as a runtime must. Default true. */
  readonly abortable?: boolean;
  /** Whether previews are smaller. Default false. */
  readonly previews?: boolean;
  /** Numbers of a label. Default: none. */
  readonly labels?: number;
  /** Whether regions have an appearance of their own, and D is shipped. Default false. */
  readonly everything?: boolean;
}

/** A model that draws its layout: for tests of what stands on a ModelRuntime. */
export function fakeRuntime({ delay = 0, abortable = true, previews = false, labels, everything = false }: FakeRuntimeOptions = {}): FakeRuntime {
  const requests: SynthesisRequest[] = [];
  const signals: AbortSignal[] = [];
  const qualities: string[] = [];
  const images: RgbaImage[] = [];
  return {
    requests, qualities, signals, images,
    info: { name: 'fake', imgResolution: 32, heatmapResolutions: [4, 8, 16], maxRegions: 8, regionStyles: everything, backend: 'fake', ...(previews && { previewResolution: 8 }), ...(labels && { labels }) },
    sampleLayout: (seed) => Promise.resolve(fakeLayout(seed)),
    synthesize: (request, { signal, quality = 'final' } = {}) =>
      new Promise((resolve, reject) => {
        const wait = typeof delay === 'number' ? delay : delay(requests.length);
        const image = fakeImage(request, previews && quality === 'preview' ? 8 : 32);
        qualities.push(quality);
        requests.push(request);
        images.push(image);
        if (signal) signals.push(signal);
        const abort = (): void => reject(new SpatialGANError('ABORTED', 'fake: aborted'));
        if (abortable) signal?.addEventListener('abort', abort);
        setTimeout(() => resolve(image), wait);
      }),
    ...(everything && { attention: (request: SynthesisRequest) => Promise.resolve({ b16: fakeImage({ ...request, truncationPsi: 0.2 }, 16), b8: fakeImage(request, 8) }) }),
    dispose: () => Promise.resolve(),
  };
}
