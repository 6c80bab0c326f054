import { SpatialGANError } from '@spatialgan/core';

/** What a pickle may cost, whatever it says; the defaults are ten times what StyleGAN2 at 1024×1024 takes. */
export interface PickleLimits {
  /** Instructions of the file and of all streams inside it. Default 4,000,000. */
  readonly maxInstructions?: number;
  /** Lists, dicts, tuples, sets and objects. Default 400,000. */
  readonly maxContainers?: number;
  /** Elements and bytes that calls copy. Default 16,000,000. */
  readonly maxCopied?: number;
  /** Bytes of one text. Default 16 MiB. */
  readonly maxTextBytes?: number;
  /** Values inside values inside values. Default 200. */
  readonly maxDepth?: number;
}

/** Counts down one file's limits; streams inside it share the count. */
export interface PickleBudget {
  readonly limits: Required<PickleLimits>;
  spend(what: 'instructions' | 'containers' | 'copied', amount?: number): void;
}

/** Throws the one error of this reader. */
export function refusePickle(problem: string, cause?: unknown): never {
  throw new SpatialGANError('CHECKPOINT', `pickle: ${problem}`, cause === undefined ? {} : { cause });
}

/** A fresh count for one file. */
export function pickleBudget(limits: PickleLimits = {}): PickleBudget {
  const full: Required<PickleLimits> = {
    maxInstructions: 4_000_000, maxContainers: 400_000, maxCopied: 16_000_000, maxTextBytes: 2 ** 24, maxDepth: 200, ...limits,
  };
  const left = { instructions: full.maxInstructions, containers: full.maxContainers, copied: full.maxCopied };
  return {
    limits: full,
    spend(what, amount = 1) {
      left[what] -= amount;
      if (left[what] < 0) refusePickle(`the file has more ${what} than the limit allows; it is no checkpoint of a network, or one built to exhaust memory`);
    },
  };
}
