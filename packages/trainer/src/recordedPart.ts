import { type DataId, dispose, scalar, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, Rng } from '@spatialgan/core';
import { type DrawnInputs, drawnInputs, type OutputPool, type Pass, recordPass } from '@spatialgan/backends/plan';
import { type Evaluation, weightAt } from './evaluateLosses.js';
import { evaluatePart, type OpenedPart, type PartEvaluation, type ShareTotals, splitOf } from './evaluatePart.js';
import { isTotal, passOutputs, type PassOutputs, totalsAmong } from './passOutputs.js';

/** A part that waits for its pass. */
export interface PassCall {
  readonly opened: OpenedPart;
  readonly split: Evaluation['split'];
  /** Whether the totals of this very part come from the pass too. */
  readonly withTotals: boolean;
}

/** A recorded pass and what it was recorded for. */
export interface RecordedPart {
  readonly pass: Pass;
  readonly drawn: ReadonlyMap<string, DrawnInputs>;
  readonly outputs: PassOutputs;
  /** Inputs that are one tensor: those that are set, and what must be the same. */
  readonly twins: readonly (readonly [name: string, same: string])[];
}

/** Weights that follow the time, as tensors. */
function weightsOf({ losses, kimg, gain }: OpenedPart): Map<string, Tensor> {
  return new Map(losses.flatMap((loss) => (typeof loss.weight === 'function' ? [[loss.name, scalar(weightAt(loss, kimg) * gain)] as const] : [])));
}

const splitTensors = (split: Evaluation['split']): [string, Tensor][] =>
  [...split?.totals ?? []].flatMap(([loss, totals]) => Object.entries(totals).map(([name, tensor]): [string, Tensor] => [`whole ${loss} ${name}`, tensor]));

const weightTensors = (weights: NamedTensors): [string, Tensor][] => [...weights].map(([loss, weight]) => [`weight ${loss}`, weight]);

/** Records a part's pass; its results are valid even where it cannot be run again. */
export function recordPart(call: PassCall, pool: OutputPool): { readonly evaluation: PartEvaluation; readonly recorded: RecordedPart | string } {
  const { opened, split, withTotals } = call;
  const drawn = new Map<string, DrawnInputs>();
  const weights = weightsOf(opened);
  let [evaluation, outputs] = [undefined as PartEvaluation | undefined, undefined as PassOutputs | undefined];
  let why: string | undefined;
  const twins: [string, string][] = [];
  try {
    const pass = recordPass((input) => {
      const names = new Map<DataId, string>();
      for (const [name, tensor] of [...opened.tensors(), ...splitTensors(split), ...weightTensors(weights)]) {
        const same = names.get(tensor.dataId);
        if (same === undefined) input(name, tensor);
        else twins.push([same, name]);
        names.set(tensor.dataId, same ?? name);
      }
      const rng = (name: string, stream: Rng): Rng => {
        const listening = drawn.get(name) ?? drawnInputs(stream, input, `drawn ${name} `);
        drawn.set(name, listening);
        return listening.rng;
      };
      evaluation = evaluatePart(opened, { split, weights, withTotals, watch: { rng, refuse: (reason) => (why ??= reason) } });
      outputs = passOutputs(evaluation);
      return outputs.tensors;
    }, { pool, isEarly: isTotal });
    dispose([...evaluation!.totals.values()]);
    if ('refused' in pass) return { evaluation: evaluation!, recorded: pass.refused };
    if ([...drawn.values()].some((each) => each.drewNumbers())) why ??= 'it draws numbers one by one';
    if (why === undefined) return { evaluation: evaluation!, recorded: { pass, drawn, outputs: outputs!, twins } };
    pass.dispose();
    return { evaluation: evaluation!, recorded: why };
  } finally {
    dispose([...weights.values()]);
  }
}

/** Lends all inputs of a recorded pass but the totals of the whole batch. */
async function withInputs<T>({ drawn }: RecordedPart, opened: OpenedPart, use: (inputs: Map<string, Tensor>) => Promise<T>): Promise<T> {
  const weights = weightsOf(opened);
  const own = [...weights.values()];
  try {
    const inputs = new Map([...opened.tensors(), ...weightTensors(weights)]);
    for (const [name, { again }] of drawn) {
      again(opened.streams[name]!(), (input, tensor) => {
        const held = tensor.clone();
        own.push(held);
        inputs.set(input, held);
      });
    }
    return await use(inputs);
  } finally {
    dispose(own);
  }
}

/** Runs a recorded pass; where its totals are asked for they go through `share` on the way. */
export function replayPart(recorded: RecordedPart, { opened, split }: Pick<PassCall, 'opened' | 'split'>, shared?: { readonly parts: number; readonly share: ShareTotals }): Promise<PartEvaluation> {
  const { pass, outputs } = recorded;
  const hasTotals = Object.keys(outputs.tensors).some(isTotal);
  return withInputs(recorded, opened, async (inputs) => {
    if (!shared || !hasTotals) return outputs.assemble(pass.run(new Map([...inputs, ...splitTensors(split)])));
    const totals = await shared.share(totalsAmong(pass.run(inputs)));
    try {
      return outputs.assemble(pass.run(new Map([...inputs, ...splitTensors(splitOf(totals, shared.parts))]), 1));
    } finally {
      dispose([...totals.values()]);
    }
  });
}

/** Whether two evaluations agree in every bit. */
export async function sameBits(a: PartEvaluation, b: PartEvaluation): Promise<boolean> {
  const [ours, theirs] = [passOutputs(a).tensors, passOutputs(b).tensors];
  const bitsOf = async (tensor: Tensor): Promise<Uint8Array> => {
    const values = await tensor.data();
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  };
  for (const name of Object.keys(theirs)) {
    if (!ours[name]) return false;
    const [one, other] = await Promise.all([bitsOf(ours[name]), bitsOf(theirs[name]!)]);
    if (one.length !== other.length || one.some((byte, i) => byte !== other[i])) return false;
  }
  const numbers = ({ reports }: PartEvaluation): string => JSON.stringify(reports.filter(([, value]) => typeof value === 'number'));
  return numbers(a) === numbers(b);
}

/** Frees a part's results. */
export const disposeEvaluation = (evaluation: PartEvaluation): void => dispose(Object.values(passOutputs(evaluation).tensors));
