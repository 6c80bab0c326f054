import { dtypeSize } from '../dtypes.js';
import { type PickleBudget, refusePickle } from '../pickle/pickleBudget.js';
import { isKind, type PickleGlobal, type PickleGlobals } from '../pickle/pickleValues.js';
import { runPickle } from '../pickle/readPickle.js';
import { globalHint, storageDtype, torchGlobals } from './torchGlobals.js';
import { refuseTorch, type TorchStorage } from './torchValues.js';

const magic = 0x1950a86a20f9469cfc6cn;
/** The first bytes of `torch.save` before version 1.6, and of each storage inside a pickle. */
const opening = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e] as const;
const maxStorages = 100_000;

/** Tells the stream of `torch.save` before version 1.6. */
export const isLegacyStream = (bytes: Uint8Array): boolean => opening.every((byte, i) => bytes[i] === byte);

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

interface Announced {
  readonly storage: TorchStorage;
  data: Uint8Array | undefined;
}

/** The parts of ('storage', class, key, location, elements, view) or a refusal. */
export function storageId(id: unknown): { readonly storageClass: unknown; readonly key: string; readonly length: number; readonly view: unknown } {
  const [kind, storageClass, key, , length, view] = Array.isArray(id) ? (id as unknown[]) : [];
  if (kind !== 'storage' || typeof key !== 'string' || !isSize(length)) return refusePickle('it refers to data that is no storage; the file is damaged');
  return { storageClass, key, length, view };
}

/** Remembers the storages that a pickle announces; their bytes follow it. */
function announcements(): { readonly load: (id: unknown) => unknown; readonly byKey: Map<string, Announced> } {
  const byKey = new Map<string, Announced>();
  const load = (id: unknown): unknown => {
    // A module is stored with its source text; what it stands for is its class.
    if (Array.isArray(id) && id[0] === 'module' && isKind<PickleGlobal>(id[1], 'global')) return id[1];
    const { storageClass, key, length, view } = storageId(id);
    if (view !== undefined && view !== null) return refuseTorch('it holds views of storages, as PyTorch before 0.4 wrote them; save it anew with a later version');
    const known = byKey.get(key);
    if (known) return known.storage;
    const announced: Announced = {
      data: undefined,
      storage: { kind: 'storage', dtype: storageDtype(storageClass), length, bytes: () => announced.data ?? refuseTorch(`storage ${key} is missing; the file is cut off`) },
    };
    byKey.set(key, announced);
    if (byKey.size > maxStorages) refuseTorch(`more than ${maxStorages} storages`);
    return announced.storage;
  };
  return { load, byKey };
}

/** Takes the storages' bytes, which follow the pickles in the order of `keys`. */
function readData(bytes: Uint8Array, start: number, { keys, byKey }: { readonly keys: unknown; readonly byKey: Map<string, Announced> }): number {
  if (!Array.isArray(keys) || keys.length !== byKey.size) return refuseTorch('its list of storages does not fit its tensors; the file is damaged');
  let at = start;
  for (const key of keys as unknown[]) {
    const announced = typeof key === 'string' ? byKey.get(key) : undefined;
    if (!announced || announced.data) return refuseTorch('its list of storages names an unknown one, or one twice; the file is damaged');
    const { dtype, length } = announced.storage;
    const size = length * dtypeSize(dtype);
    if (at + 8 + size > bytes.length) return refuseTorch(`storage ${String(key)} of ${size} bytes goes beyond the end of the file; it is cut off`);
    const stated = Number(new DataView(bytes.buffer, bytes.byteOffset + at).getBigUint64(0, true));
    if (stated !== length) return refuseTorch(`storage ${String(key)} has ${stated} elements, ${length} were announced; the file is damaged`);
    announced.data = bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size;
  }
  return at;
}

const nestedGlobals = /* @__PURE__ */ torchGlobals();

/**
 * Reads what `torch.save` wrote before version 1.6: magic number, version, system, value, list of storages, their bytes.
 *
 * @returns a value whose storages share the file's memory; not yet known to be free of cycles.
 */
export function readLegacyStream(bytes: Uint8Array, budget: PickleBudget, globals: PickleGlobals = nestedGlobals): unknown {
  const { load, byKey } = announcements();
  const rules = { globals, budget, hint: globalHint };
  const number = runPickle(bytes, rules);
  const version = runPickle(bytes, rules, number.end);
  if (number.value !== magic || version.value !== 1001) refuseTorch('expected the magic number and version 1001; the file is damaged');
  const system = runPickle(bytes, rules, version.end);
  if (system.value instanceof Map && system.value.get('little_endian') === false) refuseTorch('it was written on a big-endian machine; save it anew on another');
  const root = runPickle(bytes, { ...rules, persistentLoad: load }, system.end);
  const keys = runPickle(bytes, rules, root.end);
  const end = readData(bytes, keys.end, { keys: keys.value, byKey });
  if (end !== bytes.length) refuseTorch(`it ends at byte ${end}, the file has ${bytes.length}`);
  return root.value;
}
