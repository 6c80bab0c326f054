import { isKind, type PickleInstance } from '../pickle/pickleValues.js';
import { refuseTorch } from '../torch/torchValues.js';
import type { ModuleFacts, NetworkState } from './networkState.js';

/** A numpy scalar of 8 bytes as a number, anything else as it is. */
function plainNumber(value: unknown): unknown {
  if (!isKind<PickleInstance>(value, 'instance') || !value.of.endsWith('multiarray.scalar')) return value;
  const [dtype, bytes] = value.args;
  const code = isKind<PickleInstance>(dtype, 'instance') ? dtype.args[0] : undefined;
  if (!(bytes instanceof Uint8Array) || bytes.length < 4) return value;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (code === 'f8' && bytes.length === 8) return view.getFloat64(0, true);
  if (code === 'i8' && bytes.length === 8) return Number(view.getBigInt64(0, true));
  return code === 'f4' ? view.getFloat32(0, true) : code === 'i4' ? view.getInt32(0, true) : value;
}

const isMap = (value: unknown): value is ReadonlyMap<unknown, unknown> => value instanceof Map;

/** What modules say of themselves: attributes first, then the arguments they were made with. */
export interface Facts {
  /** A number, or undefined where nothing is said. */
  number(name: string): number | undefined;
  /** A number or null (None), or undefined. */
  numberOrNull(name: string): number | null | undefined;
  flag(name: string): boolean | undefined;
  word(name: string): string | undefined;
}

function lookup({ attributes, initKwargs }: ModuleFacts, name: string): unknown {
  if (attributes.has(name)) return attributes.get(name);
  if (initKwargs.has(name)) return initKwargs.get(name);
  // The generator hands `synthesis_kwargs` on; stylegan3 writes the same arguments flat.
  const nested = [...initKwargs].filter(([key, value]) => typeof key === 'string' && key.endsWith('_kwargs') && isMap(value));
  return nested.map(([, value]) => (value as ReadonlyMap<unknown, unknown>).get(name)).find((value) => value !== undefined);
}

/** Reads a module's facts; a fact of another type is refused, not passed over. */
export function factsAt({ modules }: NetworkState, path: string): Facts {
  const module = modules.get(path);
  const read = (name: string): unknown => (module ? plainNumber(lookup(module, name)) : undefined);
  const of = <T>(name: string, right: (value: unknown) => value is T): T | undefined => {
    const value = read(name);
    if (value === undefined || right(value)) return value;
    return refuseTorch(`${path || 'network'}.${name}: expected another type; the file is damaged`);
  };
  const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  return {
    number: (name) => of(name, isNumber),
    numberOrNull: (name) => of(name, (value): value is number | null => value === null || isNumber(value)),
    flag: (name) => of(name, (value) => typeof value === 'boolean'),
    word: (name) => of(name, (value) => typeof value === 'string'),
  };
}

/** Drops fields that are undefined. */
export function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** A fact that must be there. */
export function required<T>(value: T | undefined, name: string): T {
  return value === undefined ? refuseTorch(`the network does not say its ${name}; it is of an unknown kind`) : value;
}
