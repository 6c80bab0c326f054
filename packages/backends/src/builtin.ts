interface Builtins {
  readonly v8: typeof import('node:v8');
  readonly module: typeof import('node:module');
  readonly util: typeof import('node:util');
  readonly os: typeof import('node:os');
  readonly worker_threads: typeof import('node:worker_threads');
}

/** A module built into Node, or null elsewhere; nothing for a bundler to resolve. */
export function builtin<K extends keyof Builtins>(name: K): Builtins[K] | null {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return null;
  return (process.getBuiltinModule as (id: string) => Builtins[K] | undefined)(`node:${name}`) ?? null;
}

/** Whether this is Node (or something that passes for it). */
export const inNode = (): boolean => builtin('module') !== null;
