import { gaussianAxes, evaluateGaussian, regionsOf } from '@spatialgan/schema';

const SIDE = 64;
const seedOf = (latent) => (latent.kind === 'seed' ? latent.seed : 0);

/** A region at a place that the seed decides; its size is the level's. */
function region(id, seed, sigma, parentId) {
  const at = (salt) => 0.25 + 0.5 * Math.abs(Math.sin(seed * 12.9898 + salt * 78.233));
  return { kind: 'gaussian', id, center: { x: at(id.length + sigma * 10), y: at(id.charCodeAt(0) + sigma) }, weight: 1, covariance: [sigma ** 2, 0, sigma ** 2], ...parentId };
}

/**
 * A "model" without a network: it paints every region as a soft disc. All that an editor asks of a model is these
 * functions; `createWorkerRuntime` of @spatialgan/model gives them for a trained one.
 */
export function painter() {
  return {
    info: { name: 'painter', imgResolution: SIDE, heatmapResolutions: [4, 8], maxRegions: 4, regionStyles: false },
    sampleLayout: async (seed) => ({
      version: 1,
      levels: [
        { resolutions: [4], regions: [region('sun', seed, 0.2)] },
        { resolutions: [8], regions: ['a', 'bb', 'ccc'].map((id, i) => region(id, seed + i, 0.08, { parentId: 'sun' })) },
      ],
    }),
    async synthesize({ layout, latent }, { signal } = {}) {
      signal?.throwIfAborted();
      const pixels = new Uint8ClampedArray(SIDE * SIDE * 4);
      for (let i = 0; i < SIDE * SIDE; i += 1) {
        const at = { x: ((i % SIDE) + 0.5) / SIDE, y: (Math.floor(i / SIDE) + 0.5) / SIDE };
        const [r, g, b] = regionsOf(layout).reduce((sum, each) => {
          const hue = seedOf(latent) + 40 * gaussianAxes(each.covariance).major * 10;
          return sum.map((value, c) => value + evaluateGaussian(each, at) * (90 + 80 * Math.sin(hue + c * 2)));
        }, [18, 20, 34]);
        pixels.set([r, g, b, 255], i * 4);
      }
      return { pixels, width: SIDE, height: SIDE };
    },
    dispose: async () => {},
  };
}
