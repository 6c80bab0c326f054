import { beforeAll, describe, it } from 'vitest';
import { testBackends } from './testBackends.js';

/**
 * Runs a suite on every backend that works here; for the others prints why it is skipped.
 *
 * 'wasm-plain' must come before 'wasm': kernels stay registered.
 *
 * @param only names to restrict to, e.g. ['cpu', 'wasm'].
 */
export async function describeBackends(
  name: string,
  suite: (backend: string) => void,
  { only }: { readonly only?: readonly string[] } = {},
): Promise<void> {
  for (const backend of testBackends) {
    if (only && !only.includes(backend.name)) continue;
    const reason = await backend.unsupportedReason();
    if (reason !== null) {
      describe(`${name} (${backend.name})`, () => it.skip(`skipped: ${reason.split('\n')[0]}`, () => undefined));
      continue;
    }
    describe(`${name} (${backend.name})`, () => {
      beforeAll(() => backend.activate());
      suite(backend.name);
    });
  }
}
