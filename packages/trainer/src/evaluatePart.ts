import { dispose, scalar, type Tensor } from '@tensorflow/tfjs-core';
import { type NamedTensors, type Rng, type SplitBatch, valueAndGrad } from '@spatialgan/core';
import { evaluateLosses, type Evaluation, type LossEvaluation, type Refuse, totalsOfLosses } from './evaluateLosses.js';

/** What replaces a part's surroundings while its pass is recorded. */
export interface PassWatch {
  /** In place of one of the part's streams. */
  rng(name: string, stream: Rng): Rng;
  readonly refuse: Refuse;
}

/** A pass over a part that has begun: what comes before the tape is there. */
export interface BegunPart {
  readonly evaluation: Omit<Evaluation, 'split' | 'withTotals' | 'weights'>;
  /** G's buffers after this pass, by path; fresh tensors. Called after the evaluation, with what it kept. */
  buffers(kept: LossEvaluation['kept']): NamedTensors;
  dispose(): void;
}

/** A batch, or a part of it, ready to be evaluated; it owns its inputs. */
export interface OpenedPart extends Pick<Evaluation, 'losses' | 'kimg' | 'gain'> {
  /** Of the phase; what passes of one name and the same losses compute differs in tensors only. */
  readonly name: string;
  /** Whether a pass depends on nothing but tensors and streams. */
  readonly recordable: boolean;
  /** Every tensor that a pass reads, by name; borrowed. */
  tensors(): ReadonlyMap<string, Tensor>;
  /** Every stream that a pass draws from, each time from its beginning. */
  readonly streams: Readonly<Record<string, () => Rng>>;
  begin(watch?: PassWatch): BegunPart;
  dispose(): void;
}

/** One part's results; the caller owns every tensor. */
export interface PartEvaluation extends Omit<LossEvaluation, 'kept'> {
  readonly buffers: NamedTensors;
}

/** How a pass is evaluated beyond the part itself. */
export type PassSettings = Pick<Evaluation, 'split' | 'weights' | 'withTotals'> & { readonly watch?: PassWatch };

/** Evaluates a part: what comes before the tape, the losses with their gradients, then G's buffers. */
export function evaluatePart(opened: OpenedPart, { watch, ...settings }: PassSettings = {}): PartEvaluation {
  const begun = opened.begin(watch);
  try {
    const { kept, ...evaluation } = evaluateLosses({ ...begun.evaluation, ...settings, refuse: watch?.refuse });
    const buffers = begun.buffers(kept);
    dispose(Object.values(kept));
    return { ...evaluation, buffers };
  } finally {
    begun.dispose();
  }
}

/** One part's totals, in a pass of its own. */
export function totalsOfPart(opened: OpenedPart): Map<string, Tensor> {
  if (!opened.losses.some((loss) => loss.totals)) return new Map();
  const begun = opened.begin();
  const nothing = scalar(0);
  // On a tape, as in `compute`: a loss may differentiate within its pass. Nothing leads from `nothing` to the loss, so no backward pass runs.
  const forward = () => ({ loss: scalar(0), aux: totalsOfLosses(begun.evaluation, begun.evaluation.open().phase) });
  try {
    const { loss, grads, aux } = valueAndGrad(forward, { nothing });
    dispose([loss, ...grads.values()]);
    return new Map(Object.entries(aux));
  } finally {
    nothing.dispose();
    begun.dispose();
  }
}

/** What a part's losses are told of the whole batch: sums over its parts, by loss and name. */
export function splitOf(totals: NamedTensors, parts: number): NonNullable<Evaluation['split']> {
  const byLoss = new Map<string, Record<string, Tensor>>();
  for (const [key, value] of totals) {
    const [loss, name] = key.split('\n') as [string, string];
    byLoss.set(loss, { ...byLoss.get(loss), [name]: value });
  }
  return { parts, totals: byLoss as ReadonlyMap<string, SplitBatch['totals']> };
}

/** Sums totals over all parts. Takes over what it is given; the caller owns the result. */
export type ShareTotals = (totals: Map<string, Tensor>) => Promise<Map<string, Tensor>>;

/** Evaluates parts, in one way or another with the same results. */
export interface PartEvaluator {
  /** A batch at once, or a part of one whose totals are known. */
  evaluate(opened: OpenedPart, split?: Evaluation['split']): Promise<PartEvaluation>;
  /** A rank's only part: its totals first, then, with those of all `parts`, the rest. */
  evaluateShared(opened: OpenedPart, parts: number, share: ShareTotals): Promise<PartEvaluation>;
}

/** Runs each pass through tfjs's engine. */
export const plainEvaluator: PartEvaluator = {
  evaluate: async (opened, split) => evaluatePart(opened, { split }),
  async evaluateShared(opened, parts, share) {
    const totals = await share(totalsOfPart(opened));
    try {
      return evaluatePart(opened, { split: splitOf(totals, parts) });
    } finally {
      dispose([...totals.values()]);
    }
  },
};
