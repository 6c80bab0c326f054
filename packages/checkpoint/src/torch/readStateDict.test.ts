import { describe, expect, it } from 'vitest';
import { binBytes, littleEndian, nestedVector, pickleBytes, shortText } from '../../test/pickleBytes.js';
import { writeSafetensors } from '../safetensors.js';
import { readStateDict } from './readStateDict.js';

const vector = nestedVector(Float32Array.of(1, 2.5, -3));
/** A pickle of a dict. */
const dictOf = (...entries: readonly (readonly [string, Uint8Array])[]): Uint8Array =>
  pickleBytes('}(', ...entries.flatMap(([name, value]) => [shortText(name), value]), 'u');
const pickled = (value: Uint8Array): Uint8Array => pickleBytes(0x80, 4, value, '.');
const number = pickleBytes('J', littleEndian(7, 4));

describe('readStateDict', () => {
  it('reads tensors by name and leaves others out', () => {
    const state = readStateDict(pickled(dictOf(['fc.bias', vector], ['step', number])));
    expect([...state.keys()]).toEqual(['fc.bias']);
    expect(state.get('fc.bias')!.shape).toEqual([3]);
    expect([...state.get('fc.bias')!.data]).toEqual([1, 2.5, -3]);
  });

  it('finds a state dict inside a training checkpoint, without the prefix of DataParallel', () => {
    const state = readStateDict(pickled(dictOf(['epoch', number], ['state_dict', dictOf(['module.fc.bias', vector])])));
    expect([...state.keys()]).toEqual(['fc.bias']);
  });

  it('reads safetensors alike, halves as floats', () => {
    const bytes = writeSafetensors(new Map([['fc.bias', { dtype: 'F32' as const, shape: [2], data: Float32Array.of(4, 5) }]]));
    expect([...readStateDict(bytes).get('fc.bias')!.data]).toEqual([4, 5]);
  });

  it('says what the file holds instead', () => {
    expect(() => readStateDict(pickled(dictOf(['epoch', number])))).toThrow(/expected a state dict \(names and tensors\), got a dict of epoch/);
    expect(() => readStateDict(pickled(number))).toThrow(/it holds something else/);
    expect(() => readStateDict(pickled(pickleBytes(binBytes(Uint8Array.of(1)))))).toThrow(/something else/);
    expect(() => readStateDict(pickled(pickleBytes('cos\nsystem\n', shortText('ls'), 0x85, 'R')))).toThrow(/os\.system/);
  });
});
