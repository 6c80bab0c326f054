import type { ParamData, ParamTree } from './paramTree.js';

export type Awaitable<T> = T | Promise<T>;

/** Everything that a run needs to go on, as plain data: what a checkpoint stores. */
export interface TrainingSnapshot {
  /** Tensors by group ('G', 'D', 'gEma', 'adamG.m', …, 'loss.NAME', 'plugin.NAME') and path. */
  readonly groups: Readonly<Record<string, ReadonlyMap<string, ParamData>>>;
  /** Plain JSON. */
  readonly state: {
    /** Iterations done. */
    readonly step: number;
    /** Images shown to D. */
    readonly images: number;
    readonly adamStepsG: number;
    readonly adamStepsD: number;
    /** Position of the data stream; whoever resumes opens the stream there. */
    readonly cursor?: unknown;
    /** Reported values since the last tick, by name. */
    readonly stats?: Readonly<Record<string, StatSum>>;
    /** Probability of the augmentation, and the signs of D's logits since it last moved. */
    readonly augment?: { readonly p: number; readonly signs: number; readonly count: number };
    /** What plugins noted with `saveFacts`, by name. */
    readonly plugins?: Readonly<Record<string, unknown>>;
  };
}

/** Reports of one value that a tick will average: their number, the sum of plain numbers, and of those on the backend. */
export interface StatSum {
  readonly count: number;
  readonly total: number;
  readonly tensor?: number;
}

/** What a plugin sees of the training. Everything is borrowed. */
export interface TrainerContext {
  /** Iterations done. */
  readonly step: number;
  /** Thousands of images shown to D. */
  readonly kimg: number;
  /** Thousands of images at which this run ends. */
  readonly totalKimg: number;
  readonly params: { readonly G: ParamTree; readonly D: ParamTree; readonly gEma: ParamTree };
  /** Means since the last tick. */
  readonly stats: Readonly<Record<string, number>>;
  /** Reads the whole state back. */
  save(): Promise<TrainingSnapshot>;
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
  /** At every multiple of `kimgPerTick`, before `onStep` of the same step. */
  onTick?(context: TrainerContext): Awaitable<void>;
  onEnd?(context: TrainerContext, outcome: { readonly reason: string; readonly error?: unknown }): Awaitable<void>;
  /** Tensors to keep in the checkpoint; borrowed by the trainer. */
  saveState?(): ParamTree | undefined;
  /** What `saveState` gave; the plugin owns the tensors from now on. */
  loadState?(state: ParamTree): void;
  /** Numbers and words to keep in the checkpoint: plain JSON. */
  saveFacts?(): unknown;
  /** What `saveFacts` gave, after a way through JSON; before `onStart`. */
  loadFacts?(facts: unknown): void;
}
