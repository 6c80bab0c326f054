import type { TrainerPlugin } from '@spatialgan/core';

/** Gives one JSON line per tick to `append`: step, kimg, seconds since the start, and the means of all reported values. */
export function statsLog({ append }: { readonly append: (line: string) => Promise<void> }): TrainerPlugin {
  let startedAt = 0;
  return {
    name: 'statsLog',
    onStart() {
      startedAt = performance.now();
    },
    async onTick({ step, kimg, stats }) {
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      await append(`${JSON.stringify({ step, kimg, seconds, stats })}\n`);
    },
  };
}
