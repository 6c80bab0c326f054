import { SpatialGANError } from '@spatialgan/core';
import { pickleBudget, type PickleLimits, refusePickle } from './pickleBudget.js';
import { plainGlobals } from './plainGlobals.js';
import { pickleInstructions } from './pickleInstructions.js';
import { pickleMachine, type PickleRules } from './pickleMachine.js';
import { assertPlain, type PickleGlobals } from './pickleValues.js';

const stop = 0x2e;

/**
 * Runs one pickle's program up to its end, which builds data and does nothing else.
 *
 * @returns the value, not yet known to be free of cycles, and the byte behind it.
 * @throws SpatialGANError 'CHECKPOINT', and nothing else.
 */
export function runPickle(bytes: Uint8Array, rules: PickleRules, start = 0): { readonly value: unknown; readonly end: number } {
  const machine = pickleMachine(bytes, rules, start);
  try {
    for (;;) {
      rules.budget.spend('instructions');
      const code = machine.uint(1);
      if (code === stop) return { value: machine.pop(), end: machine.at };
      const run = pickleInstructions.get(code);
      if (!run) refusePickle(`byte ${machine.at - 1} is 0x${code.toString(16)}, no instruction; the file is damaged or no pickle`);
      run(machine);
    }
  } catch (cause) {
    if (cause instanceof SpatialGANError) throw cause;
    return refusePickle('the file is damaged', cause);
  }
}

/** Options of {@link readPickle}. */
export interface ReadPickleOptions extends PickleLimits {
  /** Classes and functions known besides those of Python and numpy that hold plain data. */
  readonly globals?: PickleGlobals;
}

/**
 * Reads a Python pickle (protocols 0 to 5) as plain data; executes nothing, whatever the file says.
 *
 * None is null, a dict a Map, a list or tuple an array, a set a Set, bytes a Uint8Array that shares the file's memory, an int beyond
 * 2^53 a bigint, an object of a class on the short list a record. The result contains no cycles and is at most `maxDepth` deep.
 *
 * @throws SpatialGANError 'CHECKPOINT' when the file is damaged, too large or names anything else.
 */
export function readPickle(bytes: Uint8Array, { globals, ...limits }: ReadPickleOptions = {}): unknown {
  const budget = pickleBudget(limits);
  const { value, end } = runPickle(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), { globals: globals ? new Map([...plainGlobals, ...globals]) : plainGlobals, budget });
  if (end !== bytes.length) refusePickle(`it ends at byte ${end}, the file has ${bytes.length}`);
  assertPlain(value, budget.limits.maxDepth);
  return value;
}
