import { dispose, keep, mean, stack, sum, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import type { LossEvaluation } from '../evaluateLosses.js';

/** Something of a phase that is not finite. */
export interface NonFiniteValue {
  readonly phase: string;
  /** 'gradient of PATH', or 'PATH' of a reported loss. */
  readonly name: string;
}

/** Watches the gradients and losses of a step; one small tensor a phase until they are read. */
export interface GradientFlags {
  note(phase: string, evaluation: Pick<LossEvaluation, 'grads' | 'reports'>): void;
  /** The first value of the step that was not finite, in the order of the phases; losses before gradients. */
  first(): Promise<NonFiniteValue | undefined>;
  dispose(): void;
}

export function createGradientFlags(): GradientFlags {
  let phases: { readonly phase: string; readonly names: readonly string[]; readonly totals: Tensor1D }[] = [];
  return {
    note(phase, { grads, reports }) {
      const losses = reports.filter(([name, value]) => name.startsWith('Loss/') && typeof value !== 'number') as [string, Tensor][];
      const names = [...losses.map(([name]) => name), ...[...grads.keys()].map((path) => `gradient of ${path}`)];
      // A sum is finite exactly if its terms are, or beyond float32 altogether: one kernel a tensor.
      const totals = tidy(() => keep(stack([...losses.map(([, value]) => mean(value)), ...[...grads.values()].map((grad) => sum(grad))]) as Tensor1D));
      phases.push({ phase, names, totals });
    },
    async first() {
      for (const { phase, names, totals } of phases) {
        const at = (await totals.data()).findIndex((value) => !Number.isFinite(value));
        if (at >= 0) return { phase, name: names[at]! };
      }
      return undefined;
    },
    dispose() {
      dispose(phases.map(({ totals }) => totals));
      phases = [];
    },
  };
}
