import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isSpatialGANError } from '@spatialgan/core';
import { describe, expect, it, test } from 'vitest';
import { nestedVector, pickleBytes, shortText } from '../../test/pickleBytes.js';
import { readTorch } from '../torch/readTorch.js';
import type { PersistentObject } from '../torch/torchValues.js';
import { importModel } from './importModel.js';

const fixtureFile = (name: string): Record<string, any> =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)), 'utf8')) as Record<string, any>;
const decoded = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const nvidia = fixtureFile('nvidia.json') as Record<string, string>;
const theirs = fixtureFile('rosinality.json');

describe("NVIDIA's pickles", () => {
  it('give a conditional network of stylegan2-ada-pytorch with all its options', () => {
    const { config, recognised, G, D, provenance } = importModel(decoded(nvidia['ada conditional']!));
    expect(recognised).toMatchObject({ family: 'stylegan2-ada-pytorch', format: 'pickle', networks: ['G', 'D', 'G_ema'], generator: 'G_ema' });
    expect(recognised.notes).toEqual([expect.stringContaining('augmentation pipe')]);
    expect(config.generator).toEqual({
      imgResolution: 16, imgChannels: 3, cDim: 3, zDim: 5, wDim: 7, channelBase: 64, channelMax: 6, architecture: 'skip', activation: 'lrelu', useNoise: true,
      resampleFilter: [1, 3, 3, 1], convClamp: 256, mapping: { numLayers: 2, embedFeatures: 7, layerFeatures: 7, activation: 'lrelu', lrMultiplier: 0.01, wAvgBeta: 0.995 },
    });
    expect(config.discriminator).toMatchObject({ cDim: 3, cmapDim: 6, convClamp: 256, mbstdGroupSize: 8, mbstdNumChannels: 1, architecture: 'resnet' });
    expect(config).toMatchObject({ name: 'baseline16', encoder: null });
    expect([G.get('mapping.embed.weight')?.shape, G.get('synthesis.b16.conv1.noiseConst')?.shape, D?.get('b4.out.weight')?.shape]).toEqual([[3, 7], [16, 16], [6, 6]]);
    expect(provenance).toMatchObject({ importedFrom: 'stylegan2-ada-pytorch', network: 'G_ema' });
  });

  it("give a stylegan2 config of stylegan3, which says less of itself, and a network without an average", () => {
    const flat = importModel(decoded(nvidia['stylegan3 flat']!));
    expect(flat.recognised.family).toBe('stylegan3 (stylegan2 config)');
    expect(flat.config.generator.mapping.wAvgBeta).toBe(0.998);
    expect(flat.D).toBeUndefined();
    expect(importModel(decoded(nvidia['only G']!)).recognised).toMatchObject({ generator: 'G', notes: [expect.stringContaining('no averaged generator')] });
    expect(importModel(decoded(nvidia['resnet']!)).config.generator.architecture).toBe('resnet');
  });

  it('give a plain StyleGAN2 where eqgan-sa was trained without SEL', () => {
    const { config, recognised, G, arrays } = importModel(decoded(nvidia['eqgan without sel']!));
    expect(recognised).toMatchObject({ family: 'eqgan-sa', notes: [expect.stringContaining('use_sel is False')] });
    expect([config.encoder, [...G.keys()].filter((path) => path.includes('encoder'))]).toEqual([null, []]);
    expect(Object.keys(arrays.G).filter((name) => name.includes('hm_conv'))).toHaveLength(18);
  });

  it('keep the source text stored in them as text', () => {
    const network = (readTorch(decoded(nvidia['only G']!)).value as Map<string, PersistentObject>).get('G')!;
    expect(network).toMatchObject({ kind: 'persistent', className: 'Generator', moduleSource: 'import os\nos.system("touch pwned")\n', initArgs: [] });
    expect(network.initKwargs.get('z_dim')).toBe(5);
  });

  it('of other networks are refused by what they are', () => {
    expect(() => importModel(decoded(nvidia['stylegan3']!))).toThrow(/G_ema is no StyleGAN2 .*only the stylegan2 configs/);
    expect(() => importModel(decoded(nvidia['no networks']!))).toThrow(/G_ema is no StyleGAN2 \(AugmentPipe without block b4\)/);
    expect(() => importModel(decoded(nvidia['only G']!), { generator: 'G_ema' })).toThrow(/expected a generator named G_ema, the file has G$/);
  });
});

describe("rosinality's state_dicts", () => {
  it('give both networks and the stored mean of w', () => {
    const { config, recognised, G, D } = importModel(decoded(theirs['file'] as string));
    expect(recognised).toEqual({ family: 'rosinality', format: 'torch zip', networks: ['g', 'd', 'g_ema'], generator: 'g_ema', notes: [] });
    expect(config.generator).toMatchObject({ imgResolution: 32, zDim: 6, wDim: 6, channelBase: 96, channelMax: 8, mapping: { numLayers: 3 } });
    expect([...G.get('mapping.wAvg')!.data]).toEqual((theirs['latentAvg'] as { data: number[] }).data.map(Math.fround));
    expect([G.size, D?.size]).toEqual([66, 23]);
  });

  it('give an estimated mean of w where there is none, and say so', () => {
    for (const name of ['stream', 'bare']) {
      const { recognised, G } = importModel(decoded(theirs[name] as string));
      expect(recognised.notes.at(-1)).toMatch(/estimated from 1024 latents/);
      // PyTorch's mean over 200,000 others; one w deviates by 1 or so.
      G.get('mapping.wAvg')!.data.forEach((value, i) => expect(Math.abs(value - (theirs['meanW'] as { data: number[] }).data[i]!)).toBeLessThan(0.2));
    }
  });
});

const persistent = (name: string, state: Uint8Array): Uint8Array =>
  pickleBytes('ctorch_utils.persistence\n_reconstruct_persistent_obj\n}(', shortText('type'), shortText('class'), shortText('module_src'), shortText(''), shortText('class_name'), shortText(name), shortText('state'), state, 'u', 0x85, 'R');
const dict = (...entries: readonly (readonly [string, Uint8Array])[]): Uint8Array => pickleBytes('}(', ...entries.map(([key, value]) => pickleBytes(shortText(key), value)), 'u');

describe('files built to exhaust', () => {
  const fails = (bytes: Uint8Array): string => {
    const start = performance.now();
    try {
      importModel(bytes);
    } catch (error) {
      if (!isSpatialGANError(error, 'CHECKPOINT')) throw error;
      expect(performance.now() - start).toBeLessThan(5000);
      return error.message;
    }
    throw new Error('it was imported');
  };

  it('by modules that hold one another many times are refused', () => {
    let modules = persistent('Leaf', dict());
    for (let level = 0; level < 20; level++) {
      const shared = pickleBytes(modules, 'q', level, '0');
      const [a, b] = [pickleBytes('h', level), pickleBytes('h', level)];
      modules = pickleBytes(shared, persistent('Node', dict(['_modules', dict(['a', a], ['b', b])])));
    }
    expect(fails(pickleBytes('}', shortText('G_ema'), modules, 's.'))).toContain('more than 10000 modules');
  });

  it('by one tensor under many names are refused', () => {
    const names = Array.from({ length: 3000 }, (_, i) => pickleBytes(shortText(`w${i}`), 'h', 0));
    const vector = pickleBytes(nestedVector(new Float32Array(2000)), 'q', 0, '0');
    const network = persistent('Generator', dict(['_parameters', pickleBytes('}(', ...names, 'u')]));
    expect(fails(pickleBytes(vector, '}', shortText('G_ema'), network, 's.'))).toContain('more memory than the file has data');
  });
});

test('what is no network is named by what it holds', () => {
  const refused: readonly (readonly [Uint8Array, RegExp])[] = [
    [pickleBytes('N.'), /expected a dict of networks/],
    [pickleBytes('}.'), /got a dict of nothing/],
    [pickleBytes('}', shortText('state_dict'), '}s.'), /rosinality, got a dict of state_dict/],
    [pickleBytes(dict(['g_ema', dict(['input.input', nestedVector(new Float32Array(1))], ['style.1.weight', nestedVector(new Float32Array(1))])]), '.'), /images of 0 pixels|is missing/],
  ];
  for (const [bytes, message] of refused) expect(() => importModel(bytes)).toThrow(message);
});
