import { refusePickle } from './pickleBudget.js';
import { callable, globalsOf, type PickleGlobals, recorded } from './pickleValues.js';

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value === undefined) return [];
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
  const pairs = Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
  return pairs ? (value as [unknown, unknown][]) : refusePickle('a dict of what is no list of pairs; the file is damaged');
}

const dict = (name: string): ReturnType<typeof callable> =>
  callable(name, ([entries], budget) => {
    budget.spend('containers');
    const size = Array.isArray(entries) ? entries.length : entries instanceof Map ? entries.size : 0;
    budget.spend('copied', size);
    return new Map(entriesOf(entries));
  });

const set = (name: string): ReturnType<typeof callable> =>
  callable(name, ([items], budget) => {
    budget.spend('containers');
    if (items !== undefined && !Array.isArray(items)) refusePickle('a set of what is no list; the file is damaged');
    budget.spend('copied', (items as unknown[] | undefined)?.length ?? 0);
    return new Set(items as unknown[] | undefined);
  });

/** How protocols 0 to 2 write bytes: text of characters 0 to 255. */
const encode = /* @__PURE__ */ callable('_codecs.encode', ([text, encoding], budget) => {
  if (typeof text !== 'string' || encoding !== 'latin1') return refusePickle('_codecs.encode: expected text and latin1; the file is damaged');
  budget.spend('copied', text.length);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) refusePickle('_codecs.encode: a character beyond latin1; the file is damaged');
    bytes[i] = code;
  }
  return bytes;
});

const byteArray = (name: string): ReturnType<typeof callable> =>
  callable(name, ([value]) => (value instanceof Uint8Array ? value : value === undefined ? new Uint8Array(0) : refusePickle(`${name}: expected bytes; the file is damaged`)));

const numpy = ['numpy', 'numpy.core.multiarray', 'numpy._core.multiarray'];

/** Classes of Python and numpy that hold plain data; dicts and sets become Maps and Sets, the others records. */
export const plainGlobals: PickleGlobals = /* @__PURE__ */ (() => globalsOf(
  dict('collections.OrderedDict'), dict('builtins.dict'), dict('dnnlib.util.EasyDict'), dict('dnnlib.EasyDict'),
  set('builtins.set'), set('builtins.frozenset'),
  encode, byteArray('builtins.bytearray'), byteArray('builtins.bytes'),
  recorded('builtins.object'), recorded('builtins.complex'), recorded('builtins.slice'), recorded('argparse.Namespace'), recorded('pathlib.PosixPath'),
  ...numpy.flatMap((module) => ['dtype', 'ndarray', 'scalar', '_reconstruct'].map((name) => recorded(`${module}.${name}`))),
  recorded('numpy.core.numeric._frombuffer'), recorded('numpy._core.numeric._frombuffer'),
))();
