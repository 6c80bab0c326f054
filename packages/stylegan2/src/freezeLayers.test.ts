import { createRng, disposeParams, flattenParams } from '@spatialgan/core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { styleGan2Discriminator } from './discriminator.js';

const base = { imgResolution: 16, channelBase: 64, channelMax: 8 } as const;
const frozenOf = (freezeLayers: number, architecture: 'resnet' | 'skip' | 'orig' = 'resnet'): string[] => {
  const model = styleGan2Discriminator({ ...base, architecture, freezeLayers });
  const params = model.init(createRng(0));
  const paths = [...flattenParams(params).keys()].filter((path) => model.isBuffer?.(path));
  disposeParams(params);
  return [...new Set(paths.map((path) => path.split('.').slice(0, 2).join('.')))];
};

it('freezes layers from the image on, in the order of the pass', () => {
  expect(frozenOf(0)).toEqual([]);
  expect(frozenOf(2)).toEqual(['b16.fromrgb', 'b16.conv0']);
  expect(frozenOf(5)).toEqual(['b16.fromrgb', 'b16.conv0', 'b16.conv1', 'b16.skip', 'b8.conv0']);
  expect(frozenOf(4, 'orig')).toEqual(['b16.fromrgb', 'b16.conv0', 'b16.conv1', 'b8.conv0']);
  expect(frozenOf(4, 'skip')).toEqual(['b16.fromrgb', 'b16.conv0', 'b16.conv1', 'b8.fromrgb']);
});

it('leaves the last block trainable', () => {
  expect(frozenOf(7)).toHaveLength(7);
  expect(() => frozenOf(8)).toThrow(/freezeLayers must be from 0 to 7 \(all but the last block\), got 8/);
});
