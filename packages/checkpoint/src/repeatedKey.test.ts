import fc from 'fast-check';
import { expect, test } from 'vitest';
import { repeatedKey } from './repeatedKey.js';

test('a key said twice is found at any depth, however it is written', () => {
  expect(repeatedKey('{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}, "a", "a"]}')).toBeUndefined();
  expect(repeatedKey('{"a":1, "\\u0061":2}')).toBe('a');
  expect(repeatedKey('[0,{"x":{"\\"":1,"k":"\\"","\\"":2}}]')).toBe('"');
  expect(repeatedKey('{"a":"a","":",","b":["{","a"]}')).toBeUndefined();
  expect(repeatedKey(`{"${'x'.repeat(5_000_000)}":1}`)).toBeUndefined();
});

test('what JSON.stringify writes says no key twice; one more of any key is found', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (value, index) => {
      const json = JSON.stringify(value);
      expect(repeatedKey(json)).toBeUndefined();
      const key = Object.keys(value)[index % Object.keys(value).length]!;
      expect(repeatedKey(`${json.slice(0, -1)},${JSON.stringify(key)}:0}`)).toBe(key);
    }),
  );
});
