import type { ParamData } from '@spatialgan/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPyTorch, pyTorchEntry, toPyTorch } from './pytorchNames.js';

const counting = (...shape: number[]): ParamData => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => i),
});

describe('fromPyTorch', () => {
  it('renames and transposes every kind of leaf', () => {
    const ours = fromPyTorch({
      'mapping.w_avg': counting(2),
      'mapping.fc0.weight': counting(2, 3),
      'synthesis.b4.const': counting(2, 4, 4),
      'synthesis.b8.conv0.weight': counting(2, 3, 1, 2),
      'synthesis.b8.conv0.noise_strength': counting(),
      'synthesis.b8.conv0.noise_const': counting(2, 2),
      'synthesis.b8.conv0.resample_filter': counting(4, 4),
      'synthesis.b8.resample_filter': counting(4, 4),
    });
    const shapes = Object.fromEntries([...ours].map(([path, { shape }]) => [path, shape]));
    expect(shapes).toEqual({
      'mapping.wAvg': [2],
      'mapping.fc0.weight': [3, 2],
      'synthesis.b4.const': [4, 4, 2],
      'synthesis.b8.conv0.weight': [1, 2, 3, 2],
      'synthesis.b8.conv0.noiseStrength': [],
      'synthesis.b8.conv0.noiseConst': [2, 2],
    });
    // [out,in] = [[0,1,2],[3,4,5]] → [in,out].
    expect([...ours.get('mapping.fc0.weight')!.data]).toEqual([0, 3, 1, 4, 2, 5]);
    // Entry [o,i,y,x] is o·6 + i·2 + x; ours is [x][i][o].
    expect([...ours.get('synthesis.b8.conv0.weight')!.data]).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
    // A noise image is an image, not a matrix.
    expect([...ours.get('synthesis.b8.conv0.noiseConst')!.data]).toEqual([0, 1, 2, 3]);
  });

  it("turns the flattened features before the discriminator's fc from c, h, w to h, w, c", () => {
    const fc0 = fromPyTorch({ 'b4.fc.weight': counting(1, 32) }).get('b4.fc.weight')!;
    expect(fc0.shape).toEqual([32, 1]);
    expect([...fc0.data.slice(0, 6)]).toEqual([0, 16, 1, 17, 2, 18]);
  });

  it("knows the reference encoder's names", () => {
    const ours = fromPyTorch({
      'synthesis.hm_conv0_b8.weight': counting(16, 1, 3, 3),
      'synthesis.hm_conv1_b32.bias': counting(32),
      'synthesis.b4.torgb.sel.shared.0.bias': counting(64),
      'synthesis.b4.torgb.sel.sigma.weight': counting(1, 64, 3, 3),
      'synthesis.b16.conv0.sel.output.1.weight': counting(2, 2, 3, 3),
    });
    expect([...ours.keys()]).toEqual([
      'synthesis.encoder.level0.conv0.weight',
      'synthesis.encoder.level2.conv1.bias',
      'synthesis.b4.torgb.sel.shared.bias',
      'synthesis.b4.torgb.sel.sigma.weight',
      'synthesis.b16.conv0.sel.output.weight',
    ]);
  });

  it('lists the names it does not know', () => {
    const strange = { 'mapping.fc0.weight': counting(1, 1), 'synthesis.b8.conv0.sel.output.2.weight': counting(1), 'lpips.w': counting(1) };
    expect(() => fromPyTorch(strange)).toThrow(/2 unknown: synthesis.b8.conv0.sel.output.2.weight, lpips.w/);
    expect(() => toPyTorch(new Map([['synthesis.b8.conv0.wait', counting(1)]]))).toThrow(/toPyTorch.*synthesis.b8.conv0.wait/);
    expect(() => pyTorchEntry('synthesis.hm_conv0_b8.weight', [3, 3, 1, 16])).toThrow(/1 unknown/);
  });
});

describe('toPyTorch', () => {
  const names = [
    'mapping.w_avg', 'mapping.embed.weight', 'mapping.fc7.bias', 'synthesis.b4.const', 'synthesis.b64.conv1.affine.weight',
    'synthesis.b64.conv1.noise_const', 'synthesis.b64.skip.weight', 'synthesis.b8.torgb.sel.output.1.weight',
    'synthesis.hm_conv1_b16.weight', 'b32.fromrgb.weight', 'b8.conv1.weight', 'b4.conv.weight', 'b4.fc.weight', 'b4.out.weight',
    'weight', 'affine.bias', 'sel.shared.0.weight',
  ];
  it('undoes fromPyTorch exactly, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }), (name, [a, b, c, d]) => {
        const shape = /const$/.test(name) ? (name.includes('noise') ? [a!, a!] : [a!, 4, 4])
          : /fc\.weight$/.test(name) && name.startsWith('b4') ? [a!, 16 * b!]
          : /(embed|fc\d|affine|out)\.weight$/.test(name) ? [a!, b!]
          : /weight$/.test(name) ? [a!, b!, c!, d!] : [a!];
        const state = { [name]: counting(...shape) };
        expect(toPyTorch(fromPyTorch(state))).toEqual(state);
      }),
    );
  });
});
