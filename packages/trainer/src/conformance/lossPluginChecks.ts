import { add, dispose, memory, mul, square, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, flattenParams, type LossPlugin, mapParams, type ParamTree, readParams, tensorsOf, unflattenParams, withLeaves } from '@spatialgan/core';
import type { LossEvaluation } from '../evaluateLosses.js';
import { type Check, must } from './check.js';
import { type LossBench, withLossBench } from './lossBench.js';
import { type ConformanceNetworks, toyNetworks } from './toyNetworks.js';

/** What a loss is checked with. */
export interface LossPluginChecksOptions {
  /** Default: {@link toyNetworks}. */
  readonly networks?: ConformanceNetworks;
  /**
   * Whether the gradient is that of the value: compared with differences along a random direction. False for a loss that holds a
   * part of itself constant on purpose, as attention alignment does with its weights. Default true.
   */
  readonly exactGradient?: boolean;
  /** Relative error of that comparison. Default 0.02: float32 and a step of 1e-3. */
  readonly tolerance?: number;
}

function free({ grads, states, reports, kept }: LossEvaluation): void {
  dispose([...grads.values(), ...Object.values(kept)]);
  for (const [, value] of reports) if (typeof value !== 'number') value.dispose();
  states.forEach(disposeParams);
}

const valuesOf = async (tensors: Iterable<readonly [string, Tensor]>): Promise<string> => {
  const read: string[] = [];
  for (const [name, tensor] of tensors) read.push(`${name}:${[...(await tensor.data())].join()}`);
  return read.join(';');
};

const statesOf = (loss: LossPlugin): ReadonlyMap<string, ParamTree> => new Map(loss.init ? [[loss.name, loss.init() as ParamTree]] : []);
const freeStates = (states: ReadonlyMap<string, ParamTree>): void => states.forEach(disposeParams);

async function checkGradient(bench: LossBench, loss: LossPlugin, tolerance: number): Promise<void> {
  const states = statesOf(loss);
  const start = bench.evaluate(bench.params, states);
  const direction = new Map([...start.grads].map(([path, grad]) => [path, createRng(5).split(path).normalTensor<Tensor>(grad.shape)]));
  const moved = (by: number): number => {
    const leaves = flattenParams(bench.params);
    const next = new Map([...direction].map(([path, step]) => [path, tidy(() => add(leaves.get(path)!, mul(step, by)))]));
    const evaluation = bench.evaluate(withLeaves(bench.params, next), states);
    free(evaluation);
    dispose([...next.values()]);
    return evaluation.value;
  };
  const h = 1e-3;
  const wanted = (moved(h) - moved(-h)) / (2 * h);
  let got = 0;
  for (const [path, grad] of start.grads) got += tidy(() => sum(mul(grad, direction.get(path)!)).dataSync()[0]!);
  free(start);
  dispose([...direction.values()]);
  freeStates(states);
  must(Math.abs(got - wanted) <= tolerance * Math.max(Math.abs(got), Math.abs(wanted), 1e-2), `expected a derivative along a random direction of ${wanted} as differences say, got ${got} from the gradient; is a part of the loss off the tape?`);
}

/**
 * What every loss plugin must keep to, as checks for any test runner. Needs an active backend that reads synchronously (cpu, wasm)
 * and registered gradients.
 *
 * @param create makes a fresh loss.
 */
export function lossPluginChecks(create: () => LossPlugin, options: LossPluginChecksOptions = {}): readonly Check[] {
  const { networks = toyNetworks, exactGradient = true, tolerance = 0.02 } = options;
  const on = (use: (bench: LossBench, loss: LossPlugin) => Promise<void>) => () => {
    const loss = create();
    return withLossBench(loss, networks, (bench) => use(bench, loss));
  };
  return [
    {
      name: 'says what it is: a name, a network, a weight, an interval',
      async run() {
        const { name, network, weight, interval = 1 } = create();
        must(/^[\w][\w./-]*$/.test(name), `expected a name of letters, digits, '.', '-', '_' and '/', got '${name}'`);
        must(network === 'G' || network === 'D', `expected network 'G' or 'D', got '${String(network)}'`);
        const weights = typeof weight === 'function' ? [0, 1, 25000].map(weight) : [weight];
        must(weights.every(Number.isFinite), `expected a finite weight at any kimg, got ${weights.join()}`);
        must(Number.isInteger(interval) && interval >= 1, `expected a whole interval ≥ 1, got ${interval}`);
      },
    },
    {
      name: 'gives a finite value, and gradients that reach its network',
      run: on(async ({ params, evaluate }, loss) => {
        const states = statesOf(loss);
        const evaluation = evaluate(params, states);
        const grads = [...evaluation.grads.values()].map((grad) => tidy(() => sum(square(grad)).dataSync()[0]!));
        free(evaluation);
        freeStates(states);
        must(Number.isFinite(evaluation.value), `expected a finite loss, got ${evaluation.value}`);
        must(grads.every(Number.isFinite), 'expected finite gradients, got some that are not');
        must(grads.some((square) => square > 0), `expected a gradient in some parameter of ${loss.network}, got zeros in all`);
      }),
    },
    ...(exactGradient ? [{ name: 'has the gradient of its value', run: on((bench, loss) => checkGradient(bench, loss, tolerance)) }] : []),
    {
      name: 'gives the same bits for the same phase: it draws from phase.rng only',
      run: on(async ({ params, evaluate }, loss) => {
        const read = async (): Promise<string> => {
          const states = statesOf(loss);
          const evaluation = evaluate(params, states);
          const text = `${evaluation.value};${await valuesOf(evaluation.grads)}`;
          free(evaluation);
          freeStates(states);
          return text;
        };
        must((await read()) === (await read()), 'expected two evaluations of the same phase to agree in every bit');
      }),
    },
    {
      name: 'disposes nothing of what it is lent and leaves no tensor behind',
      run: on(async ({ params, evaluate }, loss) => {
        const states = statesOf(loss);
        const before = memory().numTensors;
        free(evaluate(params, states));
        const after = memory().numTensors;
        must(after === before, `expected ${before} tensors afterwards as before, got ${after}`);
        must([...flattenParams([params, ...states.values()])].every(([, leaf]) => !leaf.isDisposed), 'expected its state and the parameters to live, some were disposed');
        freeStates(states);
      }),
    },
    {
      name: 'keeps its state in tensors that survive a checkpoint, with the same names and shapes',
      run: on(async ({ params, evaluate }, loss) => {
        const first = evaluate(params, statesOf(loss));
        const state = first.states.get(loss.name);
        must(!state || loss.init !== undefined, 'expected init() of a loss that gives a state');
        if (state) {
          const initial = loss.init!() as ParamTree;
          const shapes = (tree: ParamTree): string => [...flattenParams(tree)].map(([path, { shape }]) => `${path}[${shape}]`).sort().join();
          must(shapes(state) === shapes(initial), `expected the state to stay ${shapes(initial)}, got ${shapes(state)}`);
          disposeParams(initial);
          const restored = unflattenParams(tensorsOf(await readParams(state)));
          const read = async (tree: ParamTree): Promise<string> => {
            const evaluation = evaluate(params, new Map([[loss.name, tree]]));
            const text = `${evaluation.value};${await valuesOf(evaluation.grads)}`;
            free(evaluation);
            return text;
          };
          must((await read(mapParams(state, (leaf) => leaf))) === (await read(restored)), 'expected a restored state to give the same bits');
          disposeParams(restored);
        }
        free(first);
      }),
    },
    {
      name: 'reports finite values under names of their own',
      run: on(async ({ params, evaluate }, loss) => {
        const states = statesOf(loss);
        const evaluation = evaluate(params, states);
        const names = evaluation.reports.map(([name]) => name);
        for (const [name, value] of evaluation.reports) {
          const values = typeof value === 'number' ? [value] : [...(await value.data())];
          must(values.every(Number.isFinite), `expected finite values under '${name}', got ${values.find((x) => !Number.isFinite(x))}`);
        }
        free(evaluation);
        freeStates(states);
        must(new Set(names).size === names.length, `expected each name once, got ${names.join()}`);
      }),
    },
  ];
}
