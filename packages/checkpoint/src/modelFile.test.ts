import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ParamData } from '@spatialgan/core';
import { loadFloats, storeFloats } from './floats.js';
import { decodeModel, encodeModel } from './modelFile.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

const params = new Map<string, ParamData>([
  ['synthesis.b4.const', { shape: [1, 2, 2], data: Float32Array.of(0.1, -0.2, 3e-5, 1000.5) }],
  ['synthesis.b4.conv1.noiseStrength', { shape: [], data: Float32Array.of(-0) }],
  ['empty', { shape: [0, 3], data: new Float32Array(0) }],
]);
const config = { resolution: 32, name: 'Gesichter ☺', nested: { list: [1, 'a', null] } };

test('a model of F32 comes back exactly, with its configuration', () => {
  const back = decodeModel(encodeModel({ config, params }));
  expect(back.config).toEqual(config);
  expect(back.params).toEqual(params);
});

test('a model of F16 is half as large and rounded to 11 bits, one of BF16 to 8', () => {
  const many = new Map<string, ParamData>([['w', { shape: [1000], data: Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i)) }]]);
  for (const [dtype, bits] of [['F16', 11], ['BF16', 8]] as const) {
    const bytes = encodeModel({ config, params: many, dtype });
    expect(bytes.length).toBeLessThan(2300);
    decodeModel(bytes).params.get('w')!.data.forEach((value, i) => {
      const exact = many.get('w')!.data[i]!;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.max(Math.abs(exact) * 2 ** -bits, 2 ** -25));
    });
  }
});

test('a value beyond halves is refused rather than made infinite', () => {
  const big = new Map<string, ParamData>([['w', { shape: [1], data: Float32Array.of(70000) }]]);
  expect(() => encodeModel({ config, params: big, dtype: 'F16' })).toThrow(/got 70000; store as BF16 or F32/);
  expect(decodeModel(encodeModel({ config, params: big, dtype: 'BF16' })).params.get('w')!.data[0]).toBeCloseTo(70000, -3);
  expect(loadFloats(storeFloats({ shape: [1], data: Float32Array.of(Infinity) }, 'F16')).data[0]).toBe(Infinity);
});

test('integers and doubles load as floats', () => {
  expect(loadFloats({ dtype: 'I64', shape: [2], data: BigInt64Array.of(-3n, 4n) }).data).toEqual(Float32Array.of(-3, 4));
  expect(loadFloats({ dtype: 'F64', shape: [1], data: Float64Array.of(0.1) }).data).toEqual(Float32Array.of(0.1));
  expect(() => loadFloats({ dtype: 'F8_E4M3', shape: [1], data: Uint8Array.of(1) })).toThrow(/not supported/);
});

test('a file without a configuration is no model', () => {
  expect(() => decodeModel(writeSafetensors(new Map()))).toThrow(/got none; is this a SpatialGAN model/);
  for (const json of ['[1]', 'null', '{', '"x"']) {
    expect(() => decodeModel(writeSafetensors(new Map(), { spatialgan: json }))).toThrow(/got something else/);
  }
});

test('any configuration and any floats survive', () => {
  const value = fc.array(fc.float(), { maxLength: 8 }).map((data): ParamData => ({ shape: [data.length], data: Float32Array.from(data) }));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string().filter((name) => name !== '__metadata__'), value, { maxKeys: 5 }), (json, values) => {
      const given = new Map(Object.entries(values));
      const back = decodeModel(encodeModel({ config: json, params: given }));
      expect(back.config).toEqual(JSON.parse(JSON.stringify(json)));
      expect(back.params).toEqual(given);
    }),
    { numRuns: 200 },
  );
});

test('the metadata is plain safetensors that other tools read', () => {
  expect(JSON.parse(readSafetensors(encodeModel({ config, params })).metadata['spatialgan']!)).toEqual(config);
});
