import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latentFromJson, latentToJson, layoutFromJson, layoutToJson, requestFromJson, requestToJson } from './requestJson.js';
import type { HeatmapLayout, LatentSpec } from './layout.js';

const layout: HeatmapLayout = {
  version: 1,
  levels: [{
    resolutions: 'all',
    regions: [{ id: 'a', kind: 'gaussian', center: { x: 0.1, y: -0.5 }, covariance: [0.04, 0.01, 0.02], weight: 1, style: { kind: 'z', z: Float32Array.of(1, -2.5) } }],
  }],
};
const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('requests as JSON', () => {
  it('writes numbers as the base64 of little-endian float32', () => {
    // 1.0 is 00 00 80 3f, which is AACAPw== in base64.
    expect(latentToJson({ kind: 'z', z: Float32Array.of(1) })).toEqual({ kind: 'z', z: 'AACAPw==' });
  });

  it('gives back every latent bit for bit', () => {
    const finite = fc.float32Array({ minLength: 1, maxLength: 70, noNaN: true, noDefaultInfinity: true });
    fc.assert(fc.property(finite, fc.constantFrom('z', 'ws'), (values, kind) => {
      const latent = { kind, [kind]: values } as unknown as LatentSpec;
      const read = latentFromJson(throughText(latentToJson(latent))) as unknown as Record<string, Float32Array>;
      expect([...read[kind]!].map((v) => Object.is(v, -0))).toEqual([...values].map((v) => Object.is(v, -0)));
      expect([...read[kind]!]).toEqual([...values]);
    }), { numRuns: 50 });
  });

  it('gives back mixes, and refuses those without end or amount', () => {
    const mix: LatentSpec = { kind: 'mix', from: { kind: 'z', z: Float32Array.of(0.5) }, to: { kind: 'mix', from: { kind: 'seed', seed: 1 }, to: { kind: 'seed', seed: 2 }, amount: 1 }, amount: 0.3 };
    expect(latentFromJson(throughText(latentToJson(mix)))).toEqual(mix);
    let deep: unknown = { kind: 'seed', seed: 1 };
    for (let i = 0; i < 20; i += 1) deep = { kind: 'mix', from: deep, to: { kind: 'seed', seed: 2 }, amount: 0.5 };
    expect(() => latentFromJson(deep)).toThrow(/at most 8 mixes/);
    expect(() => latentFromJson({ ...latentToJson(mix), amount: NaN })).toThrow(/latent.amount/);
  });

  it('gives back layouts with the styles of their regions, and requests', () => {
    expect(layoutFromJson(throughText(layoutToJson(layout)))).toEqual(layout);
    const request = { layout, latent: { kind: 'seed', seed: 5 }, label: [0, 1], truncationPsi: 0.7, noise: { seed: 3 } } as const;
    expect(requestFromJson(throughText(requestToJson(request)))).toEqual(request);
    expect(requestFromJson(throughText({ ...requestToJson({ layout, latent: { kind: 'seed', seed: 5 } }), __proto__: 1, other: 2 })))
      .toEqual({ layout, latent: { kind: 'seed', seed: 5 } });
  });

  it.each([
    [{ latent: 5, layout }, /latent: expected an object/],
    [{ latent: { kind: 'seed', seed: -1 } }, /latent.seed: expected a whole number/],
    [{ latent: { kind: 'seed', seed: 1e300 } }, /latent.seed/],
    [{ latent: { kind: 'ws', ws: 'AAA' } }, /latent.ws: expected base64/],
    [{ latent: { kind: 'ws', ws: '<script>' } }, /latent.ws: expected base64/],
    [{ latent: { kind: 'ws', ws: 'AACAfw==' } }, /latent.ws: expected finite/],
    [{ latent: { kind: 'w' } }, /latent.kind: expected 'seed', 'z', 'ws' or 'mix'/],
    [{ latent: { kind: 'seed', seed: 1 }, layout: 1 }, /layout: expected an object/],
    [{ latent: { kind: 'seed', seed: 1 }, noise: { seed: 'x' } }, /noise: expected/],
    [{ latent: { kind: 'seed', seed: 1 }, truncationPsi: 1e9 }, /truncationPsi: expected/],
    [{ latent: { kind: 'seed', seed: 1 }, label: [1, 'a'] }, /label: expected/],
    [null, /request: expected an object/],
    [[], /request: expected an object/],
  ])('refuses %j with one clear error', (value, message) => {
    expect(() => requestFromJson(value)).toThrow(message);
  });
});
