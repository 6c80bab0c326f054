import { describe, expect, it } from 'vitest';
import { buildModel, defaultResolution, presetConfig, sizeDefaults, sizeNames } from './index.js';

describe('sizes', () => {
  it('are those of StyleGAN2-ADA, and ours', () => {
    const rows = sizeNames.map((size) => {
      const resolution = defaultResolution(size);
      const { batch, latentDim, mappingLayers, channelBase, mbstdGroupSize, lr, gamma, ema, kimg } = sizeDefaults(size, resolution);
      return [size, resolution, batch, latentDim, mappingLayers, channelBase, mbstdGroupSize, lr, gamma, ema.kimg, ema.rampup, kimg];
    });
    expect(rows).toEqual([
      ['small', 32, 16, 64, 2, 1024, 4, 0.0025, 0.0128, 5, 0.05, 100],
      ['auto', 32, 32, 512, 2, 16384, 4, 0.0025, 0.0064, 10, 0.05, 25000],
      ['stylegan2', 1024, 32, 512, 8, 32768, 4, 0.002, 10, 10, null, 25000],
      ['paper256', 256, 64, 512, 8, 16384, 8, 0.0025, 1, 20, null, 25000],
      ['paper512', 512, 64, 512, 8, 32768, 8, 0.0025, 0.5, 20, null, 25000],
      ['paper1024', 1024, 32, 512, 8, 32768, 4, 0.002, 2, 10, null, 25000],
      ['cifar', 32, 64, 512, 2, 32768, 32, 0.0025, 0.01, 500, 0.05, 100000],
    ]);
    expect(sizeDefaults('auto', 1024).batch).toBe(4);
    expect(sizeDefaults('auto', 1024, 8)).toMatchObject({ lr: 0.002, channelBase: 32768, gamma: (0.0002 * 1024 ** 2) / 8 });
    expect(sizeDefaults('paper256', 256, 2)).toMatchObject({ batch: 2, mbstdGroupSize: 2, gamma: 1 });
  });

  it.each(sizeNames)('%s makes networks that can be built, for every way of training', (size) => {
    for (const preset of ['paper', 'reference', 'baseline'] as const) {
      const run = presetConfig(preset, { imgResolution: defaultResolution(size), size });
      expect(buildModel(run.model).generator).toMatchObject({ zDim: size === 'small' ? 64 : 512, imgResolution: defaultResolution(size) });
    }
  });

  it('gives way to what is given, and refuses another resolution than its own', () => {
    expect(presetConfig('paper', { imgResolution: 32, size: 'cifar', batch: 8, latentDim: 16, channelMax: 32 })).toMatchObject({
      model: { generator: { zDim: 16, channelMax: 32, channelBase: 32768 }, discriminator: { architecture: 'orig', mbstdGroupSize: 8 } }, training: { batch: 8 },
    });
    expect(() => sizeDefaults('paper256', 128)).toThrow(/size paper256: expected images of 256x256, got 128x128; leave the resolution out, or take size auto/);
    expect(() => sizeDefaults('huge' as never, 128)).toThrow(/expected one of small, auto/);
  });
});

it('a preset or a resolution that does not exist is one error that names what does', () => {
  expect(() => presetConfig('unknown' as never, { imgResolution: 32 })).toThrow(/presetConfig: expected a preset of paper, reference, baseline, got 'unknown'/);
  expect(() => presetConfig('paper', {} as never)).toThrow(/expected imgResolution to be a power of two ≥ 8, got undefined/);
  expect(() => presetConfig('paper', { imgResolution: 48 })).toThrow(/got 48/);
});
