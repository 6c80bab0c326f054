import type { DataId, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';

/** Tells constants of a recording that have the same numbers by where they come from, without reading them. */
export interface SameConstants {
  /** Notes a tensor that was made of numbers. */
  made(tensor: Tensor, values: ArrayLike<unknown>): void;
  /** Notes what a kernel made of constants. */
  computed(kernelName: string, call: { readonly given: Readonly<Record<string, Tensor | null | undefined>>; readonly attrs: NamedAttrMap; readonly made: readonly Tensor[] }): void;
  /** The number under which the first such constant was asked for; `own` where this is the first. */
  firstOf(dataId: DataId, own: number): number;
}

/** Longer lists are only told apart from others where all their entries are one number. */
const LISTED = 64;

function contentOf(values: ArrayLike<unknown>): string | undefined {
  if (typeof values === 'string' || !('length' in values)) return undefined;
  if (values.length <= LISTED) return Array.from(values, (value) => (Object.is(value, -0) ? '-0' : String(value))).join();
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], values[0])) return undefined;
  return `all ${Object.is(values[0], -0) ? '-0' : String(values[0])}`;
}

export function createSameConstants(): SameConstants {
  const originOf = new Map<DataId, string>();
  const origins = new Map<string, string>();
  const first = new Map<string, number>();
  /** Short names for long origins. */
  const note = (dataId: DataId, origin: string): void => {
    if (originOf.has(dataId)) return;
    const known = origins.get(origin) ?? `#${origins.size}`;
    origins.set(origin, known);
    originOf.set(dataId, known);
  };
  return {
    made({ dataId, shape, dtype }, values) {
      const content = contentOf(values);
      if (content !== undefined) note(dataId, `${dtype} [${shape}] ${content}`);
    },
    computed(kernelName, { given, attrs, made }) {
      const from = Object.entries(given).map(([name, tensor]) => `${name}: ${tensor ? `${originOf.get(tensor.dataId) ?? ''} [${tensor.shape}]` : ''}`);
      if (Object.values(given).some((tensor) => tensor && !originOf.has(tensor.dataId))) return;
      made.forEach(({ dataId, shape, dtype }, i) => note(dataId, `${kernelName} ${JSON.stringify(attrs)} ${from.join()} → ${i} ${dtype} [${shape}]`));
    },
    firstOf(dataId, own) {
      const origin = originOf.get(dataId);
      if (origin === undefined) return own;
      const before = first.get(origin) ?? own;
      first.set(origin, before);
      return before;
    },
  };
}
