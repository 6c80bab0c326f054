import { dispose, engine, type KernelBackend } from '@tensorflow/tfjs-core';
import type { LossPlugin } from '@spatialgan/core';
import { createOutputPool, type OutputPool } from '@spatialgan/backends/plan';
import { type OpenedPart, type PartEvaluation, type PartEvaluator, plainEvaluator, type ShareTotals, splitOf, totalsOfPart } from './evaluatePart.js';
import { disposeEvaluation, type PassCall, recordPart, type RecordedPart, replayPart, sameBits } from './recordedPart.js';

/** Evaluates the parts of a run by recorded passes; owns what they keep. */
export interface PhasePasses extends PartEvaluator {
  /** By phase, why it is not recorded. */
  readonly refused: ReadonlyMap<string, string>;
  dispose(): void;
}

/** A recorded pass and what it was recorded for. */
interface Kept extends RecordedPart {
  readonly key: string;
  readonly losses: readonly LossPlugin[];
  /** Whether it has given the same bits as the plain pass of another step. */
  proved: boolean;
}

/** So many passes are kept, the last used ones: four phases at two batch sizes. */
const KEPT = 8;

function keyOf({ opened, split, withTotals }: PassCall): string {
  const shapes = [...opened.tensors()].map(([name, { shape, dtype }]) => `${name}[${shape}]${dtype}`);
  return [opened.name, opened.gain, split?.parts ?? 1, withTotals, ...shapes].join('\n');
}

/**
 * Evaluates each phase through tfjs's engine the first time and records its kernel calls; the second time computes both ways and
 * compares the bits; from then on the recorded calls run alone. What cannot be recorded, or gave other bits, stays on the engine.
 *
 * The passes are of the backend that is active; after a change of it they are recorded anew.
 */
export function createPhasePasses(): PhasePasses {
  const refused = new Map<string, string>();
  let kept: Kept[] = [];
  let home: { readonly backend: KernelBackend; readonly pool: OutputPool } | undefined;
  const clear = (): void => {
    kept.forEach(({ pass }) => pass.dispose());
    kept = [];
    home?.pool.dispose();
    home = undefined;
  };
  const drop = (recorded: Kept, why: string): void => {
    refused.set(recorded.key.split('\n', 1)[0]!, why);
    kept = kept.filter((each) => each !== recorded);
    recorded.pass.dispose();
  };
  const poolOfBackend = (): OutputPool => {
    const { backend } = engine();
    if (home && home.backend !== backend) clear();
    home ??= { backend, pool: createOutputPool(backend) };
    return home.pool;
  };
  const find = (call: PassCall, key: string): Kept | undefined => {
    const found = kept.find((each) => each.key === key && each.losses.length === call.opened.losses.length && each.losses.every((loss, i) => loss === call.opened.losses[i]));
    if (found) kept = [...kept.filter((each) => each !== found), found];
    return found;
  };
  const keep = (recorded: Kept): void => {
    kept.push(recorded);
    if (kept.length > KEPT) kept.shift()!.pass.dispose();
  };
  const recordCall = (call: PassCall, key: string): PartEvaluation => {
    const { evaluation, recorded } = recordPart(call, poolOfBackend());
    if (typeof recorded === 'string') refused.set(call.opened.name, recorded);
    else keep({ ...recorded, key, losses: call.opened.losses, proved: false });
    return { ...evaluation, totals: new Map() };
  };
  /** Compares a pass with what the engine has computed. */
  const prove = async (recorded: Kept, plain: PartEvaluation, again: () => Promise<PartEvaluation>): Promise<void> => {
    const replayed = await again();
    if (await sameBits(replayed, plain)) recorded.proved = true;
    else drop(recorded, 'it gave other numbers when it was run again: it depends on more than tensors and streams');
    disposeEvaluation(replayed);
  };
  const isRecordable = ({ name, recordable }: OpenedPart): boolean => recordable && !refused.has(name);
  const areTwins = ({ twins }: Kept, opened: OpenedPart): boolean => {
    if (twins.length === 0) return true;
    const tensors = opened.tensors();
    return twins.every(([one, other]) => tensors.get(one)?.dataId === tensors.get(other)?.dataId);
  };
  return {
    refused,
    async evaluate(opened, split) {
      if (!isRecordable(opened)) return plainEvaluator.evaluate(opened, split);
      const call: PassCall = { opened, split, withTotals: false };
      const key = keyOf(call);
      poolOfBackend();
      const recorded = find(call, key);
      if (!recorded) return recordCall(call, key);
      if (recorded.proved && areTwins(recorded, opened)) return replayPart(recorded, call);
      const plain = await plainEvaluator.evaluate(opened, split);
      if (!recorded.proved) await prove(recorded, plain, () => replayPart(recorded, call));
      return plain;
    },
    async evaluateShared(opened, parts, share) {
      if (!isRecordable(opened)) return plainEvaluator.evaluateShared(opened, parts, share);
      const key = keyOf({ opened, split: { parts, totals: new Map() }, withTotals: true });
      poolOfBackend();
      const recorded = find({ opened, split: undefined, withTotals: true }, key);
      if (recorded?.proved && areTwins(recorded, opened)) return replayPart(recorded, { opened, split: undefined }, { parts, share });
      const totals = await share(totalsOfPart(opened));
      try {
        const split = splitOf(totals, parts);
        if (!recorded) return recordCall({ opened, split, withTotals: true }, key);
        const plain = await plainEvaluator.evaluate(opened, split);
        const known: ShareTotals = async (own) => {
          dispose([...own.values()]);
          return new Map([...totals].map(([name, tensor]) => [name, tensor.clone()]));
        };
        if (!recorded.proved) await prove(recorded, plain, () => replayPart(recorded, { opened, split }, { parts, share: known }));
        return plain;
      } finally {
        dispose([...totals.values()]);
      }
    },
    dispose: clear,
  };
}
