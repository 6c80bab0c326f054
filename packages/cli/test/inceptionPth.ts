import { crc32 } from 'node:zlib';
import type { ParamData } from '@spatialgan/core';
import { inceptionConvolutions } from '@spatialgan/metrics/inception';

type Floats = ParamData & { readonly data: Float32Array };

/** Where a tensor lies in the file's one storage. */
interface View {
  readonly name: string;
  readonly offset: number;
  readonly shape: readonly number[];
}

const [classes, features] = [1008, 2048];
const count = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/**
 * Weights under the true names and shapes of Inception of 2015-12-05, as views of one storage of waves: the largest
 * tensor's 8 MB instead of the 95 that all of them take. Batch normalization makes each layer's gain about one.
 */
function inceptionViews(): { readonly storage: Float32Array; readonly views: readonly View[] } {
  const waves = classes * features;
  const layers = inceptionConvolutions();
  const storage = new Float32Array(waves + layers.reduce((sum, { shape: [O] }) => sum + 4 * O, 0));
  for (let i = 0; i < waves; i++) storage[i] = Math.sin(i * 12.9898);
  const views: View[] = [{ name: 'fc.weight', offset: 0, shape: [classes, features] }];
  let at = waves;
  layers.forEach(({ name, shape }, layer) => {
    const [O, I, h, w] = shape;
    views.push({ name: `${name}.conv.weight`, offset: layer * 101, shape });
    const parts = { weight: () => 2 / Math.sqrt(I * h * w), bias: (i: number) => 0.1 * Math.cos(i), running_mean: (i: number) => 0.05 * Math.sin(i), running_var: () => 0.999 };
    for (const [part, value] of Object.entries(parts)) {
      views.push({ name: `${name}.bn.${part}`, offset: at, shape: [O] });
      for (let i = 0; i < O; i++) storage[at++] = value(i);
    }
  });
  return { storage, views };
}

/** The same weights as tensors of their own. */
export function inceptionTensors(): ReadonlyMap<string, Floats> {
  const { storage, views } = inceptionViews();
  return new Map(views.map(({ name, offset, shape }) => [name, { shape, data: storage.slice(offset, offset + count(shape)) }]));
}

const int = (value: number): Buffer => {
  const bytes = Buffer.from('J\0\0\0\0', 'latin1');
  bytes.writeInt32LE(value, 1);
  return bytes;
};
const text = (value: string): Buffer => {
  const bytes = Buffer.from(`X\0\0\0\0${value}`, 'latin1');
  bytes.writeUInt32LE(value.length, 1);
  return bytes;
};
const code = (opcodes: string): Buffer => Buffer.from(opcodes, 'latin1');
const tuple = (values: readonly number[]): Buffer => Buffer.concat([code('('), ...values.map(int), code('t')]);
const orderedDict = code('ccollections\nOrderedDict\n)R');

/** Pickle of `OrderedDict[str, Tensor]`, protocol 2, as `torch.save(model.state_dict())` writes it. */
function stateDictPickle(views: readonly View[], length: number): Buffer {
  const storage = [code('('), text('storage'), code('ctorch\nFloatStorage\n'), text('0'), text('cpu'), int(length), code('tQ')];
  const items = views.flatMap(({ name, offset, shape }) => {
    const strides = shape.map((_, axis) => count(shape.slice(axis + 1)));
    return [text(name), code('ctorch._utils\n_rebuild_tensor_v2\n('), ...storage, int(offset), tuple(shape), tuple(strides), code('\x89'), orderedDict, code('tR')];
  });
  return Buffer.concat([code('\x80\x02'), orderedDict, code('('), ...items, code('u.')]);
}

/** A zip whose entries are stored, as PyTorch's are. */
function storedZip(entries: readonly (readonly [name: string, data: Buffer])[]): Buffer {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, data] of entries) {
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(10, 0);
    fields.writeUInt32LE(crc32(data), 10);
    for (const place of [14, 18]) fields.writeUInt32LE(data.length, place);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const file = [code('PK\x03\x04'), fields, code(name), data];
    files.push(...file);
    directory.push(code('PK\x01\x02\x0a\0'), fields, place, code(name));
    at += file.reduce((sum, { length }) => sum + length, 0);
  }
  const end = Buffer.alloc(18);
  for (const place of [4, 6]) end.writeUInt16LE(entries.length, place);
  end.writeUInt32LE(directory.reduce((sum, { length }) => sum + length, 0), 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, ...directory, code('PK\x05\x06'), end]);
}

/** A `.pth` as `torch.save` writes it since PyTorch 1.6, of 8 MB; without the tensors that are named. */
export function inceptionPth(left: readonly string[] = []): Buffer {
  const { storage, views } = inceptionViews();
  const pickle = stateDictPickle(views.filter(({ name }) => !left.includes(name)), storage.length);
  return storedZip([['inception/data.pkl', pickle], ['inception/data/0', Buffer.from(storage.buffer)], ['inception/version', code('3\n')]]);
}
