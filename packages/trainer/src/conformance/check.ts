/** One named check of a suite; works with any test runner: `for (const { name, run } of checks) it(name, run)`. */
export interface Check {
  readonly name: string;
  /** Rejects with what was expected and what was found. */
  run(): Promise<void>;
}

/** @throws Error with the message. A plain one: it is about the plugin, not of it. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
