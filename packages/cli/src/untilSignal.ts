import { isSpatialGANError } from '@spatialgan/core';

const codeOf = { SIGINT: 130, SIGTERM: 143 } as const;

/** Runs something slow that an interrupt may stop: its value, or none and the exit code of the signal. */
export async function untilSignal<T>(task: (signal: AbortSignal) => Promise<T>): Promise<{ readonly code: number; readonly value?: T }> {
  const abort = new AbortController();
  let code = 0;
  const stop = (signal: NodeJS.Signals): void => {
    code = codeOf[signal as keyof typeof codeOf];
    abort.abort();
  };
  const signals = Object.keys(codeOf) as (keyof typeof codeOf)[];
  for (const signal of signals) process.once(signal, stop);
  try {
    return { code, value: await task(abort.signal) };
  } catch (error) {
    if (code !== 0 && isSpatialGANError(error, 'ABORTED')) return { code };
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
