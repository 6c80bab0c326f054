import type { ParamTree } from './paramTree.js';

export type Awaitable<T> = T | Promise<T>;

/** What a plugin sees of the training. Everything is borrowed. */
export interface TrainerContext {
  /** Optimizer steps done. */
  readonly step: number;
  /** Thousands of images shown to D. */
  readonly kimg: number;
  readonly params: { readonly G: ParamTree; readonly D: ParamTree; readonly gEma: ParamTree };
  /** Means since the last tick. */
  readonly stats: Readonly<Record<string, number>>;
  /** Ends the run after this step. */
  stop(reason: string): void;
}

/**
 * Observes and steers training; every hook is optional. Hooks of one kind run one after the
 * other, 'pre' first, then in the order given, then 'post'; the trainer awaits each.
 * A plugin must not dispose what the context lends it.
 */
export interface TrainerPlugin {
  readonly name: string;
  readonly order?: 'pre' | 'post';
  onStart?(context: TrainerContext): Awaitable<void>;
  onStep?(context: TrainerContext): Awaitable<void>;
  /** Every `kimgPerTick`. */
  onTick?(context: TrainerContext): Awaitable<void>;
  onEnd?(context: TrainerContext, outcome: { readonly reason: string; readonly error?: unknown }): Awaitable<void>;
  saveState?(): ParamTree | undefined;
  loadState?(state: ParamTree): void;
}
