import type { Tensor } from '@tensorflow/tfjs-core';
import { flattenParams, mapParams, type ParamTree } from '@spatialgan/core';
import type { PartEvaluation } from './evaluatePart.js';

/** A part's results as a flat list of tensors, and the way back from others of the same names. */
export interface PassOutputs {
  readonly tensors: Readonly<Record<string, Tensor>>;
  assemble(tensors: ReadonlyMap<string, Tensor>): PartEvaluation;
}

const TOTAL = 'total ';

/** Whether an output is one of the losses' totals over their part. */
export const isTotal = (output: string): boolean => output.startsWith(TOTAL);

/** The outputs that {@link isTotal}, under their own names. */
export const totalsAmong = (tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
  new Map([...tensors].flatMap(([name, tensor]) => (isTotal(name) ? [[name.slice(TOTAL.length), tensor] as const] : [])));

/** Lists a part's results; numbers among its reports, which no tensor led to, are the same in all that is assembled. */
export function passOutputs({ grads, states, reports, buffers, totals }: PartEvaluation): PassOutputs {
  const prefixed = (prefix: string, named: ReadonlyMap<string, Tensor>): (readonly [string, Tensor])[] => [...named].map(([name, tensor]) => [prefix + name, tensor] as const);
  const listed = new Map<string, Tensor>([
    ...prefixed('grad ', grads), ...prefixed('buffer ', buffers), ...prefixed(TOTAL, totals),
    ...[...states].flatMap(([loss, tree]) => prefixed(`state ${loss} `, flattenParams(tree))),
    ...reports.flatMap(([, value], i) => (typeof value === 'number' ? [] : [[`report ${i}`, value] as const])),
  ]);
  return {
    tensors: Object.fromEntries(listed),
    assemble(tensors) {
      const taken = (prefix: string, names: Iterable<string>): Map<string, Tensor> => new Map([...names].map((name) => [name, tensors.get(prefix + name)!]));
      return {
        grads: taken('grad ', grads.keys()), buffers: taken('buffer ', buffers.keys()), totals: new Map(),
        states: new Map([...states].map(([loss, tree]): [string, ParamTree] => [loss, mapParams(tree, (_, path) => tensors.get(`state ${loss} ${path}`)!)])),
        reports: reports.map(([name, value], i) => [name, typeof value === 'number' ? value : tensors.get(`report ${i}`)!] as const),
      };
    },
  };
}
