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
  /** Of the phase. */
  readonly name: string;
  readonly signature: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  readonly losses: readonly LossPlugin[];
  /** Whether it has given the same bits as the plain pass of another step. */
  proved: boolean;
}

/** So many passes are kept, the last used ones: four phases at two batch sizes. */
const KEPT = 8;

/** Entries of the largest buffers that the passes pool: 64 KiB. Pooling all of them made R64's phases slower, and its heap 80 % larger. */
const POOLED = 2 ** 14;

/** What a pass is recorded for, beside its tensors. */
const keyOf = ({ opened: { name, gain }, split, withTotals }: PassCall): string => `${name} ×${gain}, ${split?.parts ?? 1} parts${withTotals ? ', totals first' : ''}`;

const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/** Whether a pass is that of a part: of the same losses, with tensors of the same names, shapes and types. */
function fits({ losses, signature }: Kept, { opened }: PassCall): boolean {
  const tensors = opened.tensors();
  return losses.length === opened.losses.length && losses.every((loss, i) => loss === opened.losses[i]) && tensors.size === signature.length &&
    signature.every(({ name, shape, dtype }) => {
      const tensor = tensors.get(name);
      return tensor !== undefined && tensor.dtype === dtype && sameShape(tensor.shape, shape);
    });
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
    refused.set(recorded.name, why);
    kept = kept.filter((each) => each !== recorded);
    recorded.pass.dispose();
  };
  const poolOfBackend = (): OutputPool => {
    const { backend } = engine();
    if (home && home.backend !== backend) clear();
    home ??= { backend, pool: createOutputPool(backend, { largest: POOLED }) };
    return home.pool;
  };
  const find = (call: PassCall, key: string): Kept | undefined => {
    const found = kept.find((each) => each.key === key && fits(each, call));
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
    else {
      const { name, losses, tensors } = call.opened;
      const signature = [...tensors()].map(([path, { shape, dtype }]) => ({ name: path, shape, dtype }));
      keep({ ...recorded, key, name, signature, losses, proved: false });
    }
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
