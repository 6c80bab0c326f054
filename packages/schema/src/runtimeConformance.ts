import { classLabel } from './classLabel.js';
import { moveRegion, regionsOf } from './edits.js';
import { isSpatialGANError, type SpatialGANErrorCode } from './errors.js';
import type { HeatmapLayout, LatentSpec } from './layout.js';
import type { ModelRuntime, RgbaImage, SynthesisRequest } from './runtime.js';
import { validateLayout } from './validateLayout.js';

/** One thing that every runtime must do; `run` rejects, saying what is wrong, when it does not. */
export interface RuntimeCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What {@link runtimeCases} tries. */
export interface RuntimeCasesOptions {
  /** Opens a new runtime; each case opens its own and disposes it. */
  readonly open: () => Promise<ModelRuntime>;
  /** Largest difference, in grey levels, of two images of one request. Default 0: the same bytes. */
  readonly tolerance?: number;
}

type Check = (runtime: ModelRuntime, tolerance: number) => Promise<void>;

function must(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}
const apart = (a: RgbaImage, b: RgbaImage): number =>
  a.pixels.length !== b.pixels.length ? Infinity : a.pixels.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b.pixels[i]!)), 0);

async function mustReject(promise: Promise<unknown>, code: SpatialGANErrorCode, what: string): Promise<void> {
  const outcome = await promise.then(() => 'a result', (error: unknown) => (isSpatialGANError(error) ? error.code : String(error)));
  must(outcome === code, `${what}: expected it to reject with ${code}, got ${outcome}`);
}
async function requestOf(runtime: ModelRuntime, seed = 1): Promise<SynthesisRequest> {
  return { layout: await runtime.sampleLayout(seed), latent: { kind: 'seed', seed } };
}
function mustBeImage(image: RgbaImage, side: number): void {
  must(image.width === side && image.height === side, `expected an image of ${side}×${side}, got ${image.width}×${image.height}`);
  must(image.pixels instanceof Uint8ClampedArray && image.pixels.length === 4 * side * side, `expected ${4 * side * side} bytes of RGBA`);
  must(image.pixels.every((value, i) => i % 4 !== 3 || value === 255), 'expected an opaque image');
}
/** A latent of as many numbers as no network takes. */
const wrongLatent: LatentSpec = { kind: 'ws', ws: Float32Array.of(1, 2, 3) };
/** A centre that is none; JSON cannot carry it, so it must be refused on this side or on the other. */
const brokenLayout = (layout: HeatmapLayout): HeatmapLayout => ({ ...layout, levels: [{ resolutions: 'all', regions: [{ id: '' } as never] }] });

const checks: Readonly<Record<string, Check>> = {
  'says what it is, in plain data': async ({ info }) => {
    const copy = JSON.parse(JSON.stringify(info)) as typeof info;
    must(copy.name !== '' && Number.isInteger(copy.imgResolution) && copy.imgResolution > 0, `expected a name and a resolution, got ${JSON.stringify(copy)}`);
    must(Array.isArray(copy.heatmapResolutions) && copy.maxRegions >= 1 && typeof copy.regionStyles === 'boolean', `expected all of ModelInfo, got ${JSON.stringify(copy)}`);
  },
  'draws valid layouts: the same for a seed, others for others': async (runtime) => {
    const [one, again, other] = await Promise.all([runtime.sampleLayout(1), runtime.sampleLayout(1), runtime.sampleLayout(2)]);
    must(validateLayout(one) === one, 'expected a valid layout');
    must(JSON.stringify(one) === JSON.stringify(again), 'expected seed 1 to draw the same layout twice');
    must(JSON.stringify(one) !== JSON.stringify(other), 'expected seeds 1 and 2 to draw two layouts');
  },
  'gives an opaque RGBA image of its size': async (runtime) => {
    mustBeImage(await runtime.synthesize(await requestOf(runtime)), runtime.info.imgResolution);
  },
  'gives the same pixels for the same request, and leaves the request as it was': async (runtime, tolerance) => {
    const request = { ...(await requestOf(runtime)), truncationPsi: 0.7, noise: { seed: 4 } } as const;
    const before = JSON.stringify(request);
    const first = await runtime.synthesize(request);
    const distance = apart(first, await runtime.synthesize(request));
    must(distance <= tolerance, `expected the same pixels twice, got ${distance} grey levels apart`);
    must(JSON.stringify(request) === before, 'expected the request to stay as it was');
  },
  'gives other pixels for another latent and for a moved region': async (runtime, tolerance) => {
    const request = await requestOf(runtime);
    const image = await runtime.synthesize(request);
    const other = await runtime.synthesize({ ...request, latent: { kind: 'seed', seed: 99 } });
    must(apart(image, other) > tolerance, 'expected another image for another latent');
    const { id, center } = regionsOf(request.layout)[0]!;
    const layout = moveRegion(request.layout, id, { x: center.x + (center.x > 0.5 ? -0.3 : 0.3), y: center.y });
    must(apart(image, await runtime.synthesize({ ...request, layout })) > tolerance, 'expected another image where a region moved');
  },
  'mixes two latents: all of one, all of the other, and something between': async (runtime, tolerance) => {
    const { layout } = await requestOf(runtime);
    const [from, to]: LatentSpec[] = [{ kind: 'seed', seed: 1 }, { kind: 'seed', seed: 99 }];
    const mixed = (amount: number) => runtime.synthesize({ layout, latent: { kind: 'mix', from: from!, to: to!, amount } });
    const [one, other] = await Promise.all([from!, to!].map((latent) => runtime.synthesize({ layout, latent })));
    must(apart(one!, await mixed(0)) <= tolerance && apart(other!, await mixed(1)) <= tolerance, 'expected the ends of a mix to be its latents');
    const half = await mixed(0.5);
    must(apart(one!, half) > tolerance && apart(other!, half) > tolerance, 'expected another image half way');
  },
  'answers a preview no smaller than it says, and the whole image after it': async (runtime, tolerance) => {
    const request = await requestOf(runtime);
    const { imgResolution, previewResolution = imgResolution } = runtime.info;
    must(Number.isInteger(previewResolution) && previewResolution >= 1 && previewResolution <= imgResolution, `expected a preview of at most ${imgResolution}, got ${previewResolution}`);
    const image = await runtime.synthesize(request, { quality: 'final' });
    const preview = await runtime.synthesize(request, { quality: 'preview' });
    mustBeImage(preview, Math.max(previewResolution, Math.min(preview.width, imgResolution)));
    const after = await runtime.synthesize(request);
    mustBeImage(after, imgResolution);
    must(apart(image, after) <= tolerance, 'expected a preview to change nothing of the images after it');
    const { id, center } = regionsOf(request.layout)[0]!;
    const layout = moveRegion(request.layout, id, { x: center.x + (center.x > 0.5 ? -0.3 : 0.3), y: center.y });
    const moved = await runtime.synthesize({ ...request, layout }, { quality: 'preview' });
    must(moved.width !== preview.width || apart(preview, moved) > tolerance, 'expected another preview where a region moved');
  },
  'reads the label of a conditional model, and refuses one of another length': async (runtime, tolerance) => {
    const { labels } = runtime.info;
    const request = await requestOf(runtime);
    if (labels === undefined) return;
    const first = await runtime.synthesize({ ...request, label: classLabel(labels, 0) });
    must(apart(first, await runtime.synthesize(request)) <= tolerance, 'expected the first class where no label is given');
    if (labels > 1) must(apart(first, await runtime.synthesize({ ...request, label: classLabel(labels, 1) })) > tolerance, 'expected another image for another class');
    await mustReject(runtime.synthesize({ ...request, label: [...classLabel(labels, 0), 0] }), 'SHAPE', 'a label that is too long');
  },
  'answers many at a time, each with its own image': async (runtime, tolerance) => {
    const { layout } = await requestOf(runtime);
    const request = (seed: number): SynthesisRequest => ({ layout, latent: { kind: 'seed', seed } });
    const together = await Promise.all([1, 2, 3, 4].map((seed) => runtime.synthesize(request(seed))));
    for (const [i, image] of together.entries()) {
      const alone = await runtime.synthesize(request(i + 1));
      must(apart(image, alone) <= tolerance, `expected answer ${i + 1} of 4 to be of its own request`);
    }
  },
  'refuses a broken layout and a latent of the wrong size, and goes on': async (runtime) => {
    const request = await requestOf(runtime);
    await mustReject(runtime.synthesize({ ...request, layout: brokenLayout(request.layout) }), 'LAYOUT', 'a region without an id');
    await mustReject(runtime.synthesize({ ...request, latent: wrongLatent }), 'SHAPE', 'ws of 3 numbers');
    mustBeImage(await runtime.synthesize(request), runtime.info.imgResolution);
  },
  'aborts: at once when the signal has fired, and while it works; and goes on': async (runtime) => {
    const request = await requestOf(runtime);
    await mustReject(runtime.synthesize(request, { signal: AbortSignal.abort() }), 'ABORTED', 'an aborted signal');
    const controller = new AbortController();
    const running = [1, 2, 3].map(() => runtime.synthesize(request, { signal: controller.signal }));
    const settled = Promise.all(running.map((image) => mustReject(image, 'ABORTED', 'a signal that fires')));
    controller.abort();
    await settled;
    mustBeImage(await runtime.synthesize(request), runtime.info.imgResolution);
  },
  'shows what the discriminator attends to, if it says that it can': async (runtime) => {
    if (!runtime.attention) return;
    const maps = Object.entries(await runtime.attention(await requestOf(runtime)));
    must(maps.length > 0, 'expected at least one map');
    for (const [name, map] of maps) must(map.pixels.length === 4 * map.width * map.height && map.width > 0, `expected a picture of ${name}`);
  },
  'is over after dispose, which may be called twice': async (runtime) => {
    const request = await requestOf(runtime);
    await runtime.dispose();
    await runtime.dispose();
    await mustReject(runtime.synthesize(request), 'DISPOSED', 'synthesize after dispose');
    await mustReject(runtime.sampleLayout(1), 'DISPOSED', 'sampleLayout after dispose');
  },
  'settles what runs when it is disposed': async (runtime) => {
    const request = await requestOf(runtime);
    const running = [runtime.synthesize(request), runtime.synthesize(request)].map((image) =>
      image.then(() => null, (error: unknown) => {
        must(isSpatialGANError(error, 'DISPOSED') || isSpatialGANError(error, 'ABORTED'), `expected an image, DISPOSED or ABORTED, got ${String(error)}`);
      }),
    );
    await runtime.dispose();
    await Promise.all(running);
  },
};

/**
 * The conformance suite of {@link ModelRuntime}, for any test runner: `for (const { name, run } of runtimeCases({ open })) it(name, run)`.
 *
 * The model must read its layout (an encoder that was trained or drawn, not zeros).
 */
export function runtimeCases({ open, tolerance = 0 }: RuntimeCasesOptions): readonly RuntimeCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      const runtime = await open();
      try {
        await check(runtime, tolerance);
      } finally {
        await runtime.dispose();
      }
    },
  }));
}
