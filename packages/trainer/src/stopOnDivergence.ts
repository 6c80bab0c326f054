import { SpatialGANError, type TrainerPlugin } from '@spatialgan/core';

/** When a run counts as lost and who hears of it before. */
export interface StopOnDivergenceOptions {
  /** Ticks in a row without a finite mean of some loss after which the run ends. Default 3. */
  readonly ticks?: number;
  readonly warn: (text: string) => void;
}

/**
 * Ends a run with an error when a loss stays NaN or infinite: single gradients that are not finite count as none,
 * so that a lost run would go on for hours and learn nothing.
 */
export function stopOnDivergence({ ticks = 3, warn }: StopOnDivergenceOptions): TrainerPlugin {
  let inARow = 0;
  return {
    name: 'stopOnDivergence',
    onStart() {
      inARow = 0;
    },
    onTick({ kimg, stats }) {
      const broken = Object.entries(stats).flatMap(([name, value]) => (name.startsWith('Loss/') && !Number.isFinite(value) ? [name.slice(5)] : []));
      inARow = broken.length > 0 ? inARow + 1 : 0;
      if (inARow === 0) return;
      const what = `kimg ${kimg.toFixed(3)}: ${broken.join(', ')} ${broken.length === 1 ? 'is' : 'are'} not finite`;
      if (inARow < ticks) return warn(`${what}; the run ends if this lasts ${ticks} ticks`);
      throw new SpatialGANError('CONFIG', `${what} for ${ticks} ticks: the training diverged; start again with a lower learning rate or a higher gamma of R1`);
    },
  };
}
