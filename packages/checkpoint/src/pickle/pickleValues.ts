import { type PickleBudget, refusePickle } from './pickleBudget.js';

/** A class or function that a pickle names and the reader knows. What `call` gives is plain data; nothing of Python runs. */
export interface PickleGlobal {
  readonly kind: 'global';
  /** 'collections.OrderedDict'. */
  readonly name: string;
  readonly call: (args: readonly unknown[], budget: PickleBudget) => unknown;
}

/** An instance of a class the reader knows by name only: what it was made of. */
export interface PickleInstance {
  readonly kind: 'instance';
  readonly of: string;
  readonly args: readonly unknown[];
  /** What Python would hand to `__setstate__`; set once. */
  state: unknown;
}

/** The classes and functions a reader knows, by full name. */
export type PickleGlobals = ReadonlyMap<string, PickleGlobal>;

/** Tells a record of a kind from whatever else a pickle holds. */
export function isKind<T extends { readonly kind: string }>(value: unknown, kind: T['kind']): value is T {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === kind;
}

/** A global that is called. */
export const callable = (name: string, call: PickleGlobal['call']): PickleGlobal => ({ kind: 'global', name, call });

/** A class whose instances are kept as records. */
export const recorded = (name: string): PickleGlobal =>
  callable(name, (args, budget) => {
    budget.spend('containers');
    return { kind: 'instance', of: name, args, state: undefined } satisfies PickleInstance;
  });

/** The directory of some globals. */
export const globalsOf = (...globals: readonly PickleGlobal[]): PickleGlobals => new Map(globals.map((each) => [each.name, each]));

function childrenOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return [...value];
  return isKind<PickleInstance>(value, 'instance') ? [value.args, value.state] : [];
}

/**
 * Refuses a value that contains itself or is nested too deeply, so that those who walk it by recursion may.
 * Visits each object once, however often it is referred to.
 */
export function assertPlain(root: unknown, maxDepth: number): void {
  const heights = new Map<object, number>();
  const path: { readonly value: object; readonly children: readonly unknown[]; next: number; height: number }[] = [];
  const open = new Set<object>();
  const enter = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    if (open.has(value)) refusePickle('a value contains itself; checkpoints do not');
    const known = heights.get(value);
    const parent = path.at(-1);
    if (known !== undefined) {
      if (parent) parent.height = Math.max(parent.height, known + 1);
    } else {
      open.add(value);
      path.push({ value, children: childrenOf(value), next: 0, height: 1 });
    }
    if (path.length + (known ?? 0) > maxDepth) refusePickle(`values are nested more than ${maxDepth} deep; checkpoints are not`);
  };
  enter(root);
  for (let top = path.at(-1); top; top = path.at(-1)) {
    if (top.next < top.children.length) {
      enter(top.children[top.next++]);
      continue;
    }
    path.pop();
    open.delete(top.value);
    heights.set(top.value, top.height);
    const parent = path.at(-1);
    if (parent) parent.height = Math.max(parent.height, top.height + 1);
  }
}
