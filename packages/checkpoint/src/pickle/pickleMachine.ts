import { type PickleBudget, refusePickle } from './pickleBudget.js';
import { callable, isKind, type PickleGlobal, type PickleGlobals, type PickleInstance } from './pickleValues.js';

/** What a reader lets a stream do. */
export interface PickleRules {
  readonly globals: PickleGlobals;
  readonly budget: PickleBudget;
  /** What a persistent id stands for; without it they are refused. */
  readonly persistentLoad?: (id: unknown) => unknown;
  /** Said after the name of a global that is refused. */
  readonly hint?: (name: string) => string | undefined;
}

/** The stack machine that a pickle is a program of; its instructions build data and do nothing else. */
export interface PickleMachine {
  readonly rules: PickleRules;
  /** Reads n bytes without copying. */
  take(n: number): Uint8Array;
  /** Reads up to a line feed and over it. */
  line(maxBytes: number): Uint8Array;
  /** A little-endian unsigned number of 1 to 8 bytes. */
  uint(bytes: number): number;
  push(value: unknown): void;
  pop(): unknown;
  peek(): unknown;
  mark(): void;
  /** Takes all since the last mark. */
  popMark(): unknown[];
  readonly memo: Map<number, unknown>;
  find(module: string, name: string): PickleGlobal;
  call(target: unknown, args: unknown): unknown;
  /** Where the next instruction is. */
  readonly at: number;
}

const quoted = (name: string): string => JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name);

/** Names of Python 2, which protocols 0 to 2 write. */
const renamed: Readonly<Record<string, string>> = { __builtin__: 'builtins', copy_reg: 'copyreg' };

/** copyreg's way to make an object: class, base class, the base's value. */
const reconstructor = /* @__PURE__ */ callable('copyreg._reconstructor', ([made, , state], budget) => {
  if (!isKind<PickleGlobal>(made, 'global')) return refusePickle('copyreg._reconstructor: expected a class');
  if (state instanceof Map) budget.spend('copied', state.size);
  const base = made.call([], budget);
  if (base instanceof Map && state instanceof Map) for (const [key, value] of state) base.set(key, value);
  return base;
});

/** A machine at the beginning of a stream. */
export function pickleMachine(bytes: Uint8Array, rules: PickleRules, start = 0): PickleMachine {
  let at = start;
  const stack: unknown[] = [];
  const marks: number[] = [];
  const floor = (): number => marks.at(-1) ?? 0;
  const top = (): void => {
    if (stack.length <= floor()) refusePickle(`an instruction before byte ${at} takes from an empty stack; the file is damaged`);
  };
  const take = (n: number): Uint8Array => {
    if (!(n <= bytes.length - at)) refusePickle(`the file ends at byte ${bytes.length}, ${n} more were announced at ${at}; it is cut off or damaged`);
    at += n;
    return bytes.subarray(at - n, at);
  };
  return {
    rules,
    take,
    line(maxBytes) {
      const end = bytes.subarray(at, at + maxBytes + 1).indexOf(10);
      if (end < 0) refusePickle(`a line at byte ${at} does not end; the file is cut off or damaged`);
      const text = take(end);
      at++;
      return text;
    },
    uint(n) {
      return take(n).reduceRight((value, byte) => value * 256 + byte, 0);
    },
    push: (value) => void stack.push(value),
    pop() {
      top();
      return stack.pop();
    },
    peek() {
      top();
      return stack.at(-1);
    },
    mark: () => void marks.push(stack.length),
    popMark() {
      const from = marks.pop();
      if (from === undefined) return refusePickle(`a mark is missing before byte ${at}; the file is damaged`);
      return stack.splice(from);
    },
    memo: new Map(),
    find(module, name) {
      const full = `${Object.hasOwn(renamed, module) ? renamed[module]! : module}.${name}`;
      const found = full === reconstructor.name ? reconstructor : rules.globals.get(full);
      if (found) return found;
      const hint = rules.hint?.(full);
      return refusePickle(`it names ${quoted(full)}, which is no part of a network's weights; nothing of it was run${hint ? `. ${hint}` : ''}`);
    },
    call(target, args) {
      if (!isKind<PickleGlobal>(target, 'global') || !Array.isArray(args)) return refusePickle(`byte ${at}: expected a class and its arguments; the file is damaged`);
      return target.call(args as unknown[], rules.budget);
    },
    get at() {
      return at;
    },
  };
}

/** Gives an object its state; attributes of dicts and sets, e.g. torch's `_metadata`, are dropped. */
export function buildState(target: unknown, state: unknown): void {
  if (target instanceof Map || target instanceof Set) return;
  if (!isKind<PickleInstance>(target, 'instance') || target.state !== undefined) return refusePickle('a state is given to what takes none; the file is damaged');
  target.state = state;
}
