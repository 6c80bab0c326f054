import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { add, concat, engine, matMul, memory, mul, relu, reshape, setBackend, split, sub, sum, tensor, type Tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { biasAct, conv2d, upfirdn2d } from '@spatialgan/ops';
import { createRng } from '@spatialgan/core';
import { cpu } from '../cpu.js';
import { wasm } from '../wasm.js';
import { type Plan, recordPlan } from './recordPlan.js';

beforeAll(async () => {
  await cpu().activate();
  await wasm({ threads: 1 }).activate();
});

const planned = (...args: Parameters<typeof recordPlan>): Plan => {
  const plan = recordPlan(...args);
  if ('refused' in plan) throw new Error(plan.refused);
  return plan;
};

/** The numbers of a fresh tensor, which is disposed. */
const numbers = (t: Tensor): number[] => {
  const values = [...t.dataSync()];
  t.dispose();
  return values;
};
const give = (plan: Plan, name: string, values: number[]): void => {
  const t = tensor1d(values);
  plan.set(name, t);
  t.dispose();
};

for (const backend of ['cpu', 'wasm'])
  describe(`a plan on ${backend}`, () => {
    beforeAll(async () => {
      await setBackend(backend);
    });

    /** p = (a + 1) · 2, q = b · 10, out = p · q + b; early = p. */
    const record = (a: Tensor, b: Tensor): Plan =>
      planned((input) => tidy(() => {
        const [x, y] = [input('a', a), input('b', b)];
        const p = mul(add(x, 1), 2);
        return { early: p, out: add(mul(p, mul(y, 10)), y) };
      }));

    it('computes what the function would, from the numbers it was recorded with and from others', () => {
      const [a, b] = [tensor1d([1, 2]), tensor1d([3, 4])];
      const plan = record(a, b);
      expect(plan.inputs).toEqual(['a', 'b']);
      expect(numbers(plan.run('out'))).toEqual([123, 244]);
      give(plan, 'a', [0, -1]);
      expect(numbers(plan.run('out'))).toEqual([63, 4]);
      give(plan, 'b', [1, 1]);
      expect(numbers(plan.run('early'))).toEqual([2, 0]);
      expect(numbers(plan.run('out'))).toEqual([21, 1]);
      plan.dispose();
    });

    it('runs the calls that depend on what changed, and no other', () => {
      const [a, b] = [tensor1d([1, 2]), tensor1d([3, 4])];
      const plan = record(a, b);
      expect(plan.calls).toBe(5);
      expect([plan.stale('early'), plan.stale('out')]).toEqual([2, 5]);
      plan.run('out').dispose();
      expect(plan.stale('out')).toBe(0);
      give(plan, 'a', [5, 6]);
      expect([plan.stale('early'), plan.stale('out')]).toEqual([2, 4]);
      plan.run('early').dispose();
      expect([plan.stale('early'), plan.stale('out')]).toEqual([0, 2]);
      expect(numbers(plan.run('out'))).toEqual([363, 564]);
      give(plan, 'b', [3, 4]);
      expect([plan.stale('early'), plan.stale('out')]).toEqual([0, 3]);
      plan.dispose();
      [a, b].forEach((t) => t.dispose());
    });

    it('computes once what does not depend on inputs, and leaves out what no output needs', () => {
      const [weight, x] = [tensor2d([[1, 2], [3, 4]]), tensor2d([[1, 1]])];
      const plan = planned((input) => tidy(() => {
        const given = input('x', x);
        const unused = relu(mul(given, sum(weight)));
        return { out: matMul(given, add(mul(weight, 2), unused.rank)) };
      }));
      expect(plan.calls).toBe(1);
      expect(numbers(plan.run('out'))).toEqual([12, 16]);
      plan.dispose();
    });

    it('sees through reshaping, and through kernels that call others', () => {
      const x = createRng(1).normalTensor([1, 6, 6, 4]);
      const [filter, fir, bias] = [createRng(2).normalTensor([3, 3, 4, 8]), tensor1d([0.125, 0.375, 0.375, 0.125]), tensor1d([1, 2, 3, 4, 5, 6, 7, 8])];
      const run = (given: Tensor): Tensor => tidy(() => {
        const flat = reshape(reshape(given, [36, 4]), [1, 6, 6, 4]);
        const y = upfirdn2d(conv2d(flat as never, filter as never, { padding: 1 }), fir, { up: 2, padding: 3 });
        return add(biasAct(y, bias, { act: 'lrelu' }), concat(split(y, 2, 3).reverse(), 3));
      });
      const plan = planned((input) => ({ out: run(input('x', x)) }));
      for (const seed of [3, 4]) {
        const other = createRng(seed).normalTensor([1, 6, 6, 4]);
        plan.set('x', other);
        expect(numbers(plan.run('out'))).toEqual(numbers(run(other)));
      }
      plan.dispose();
    });

    it('tells filters that are constants from filters that change', () => {
      const draw = (seed: number, shape: number[]): Tensor => createRng(seed).normalTensor(shape);
      const [fixed, narrow, matrix] = [draw(1, [3, 3, 8, 8]), draw(2, [1, 1, 8, 3]), draw(3, [3, 5])];
      const run = (x: Tensor, filter: Tensor, right: Tensor): Tensor => tidy(() => {
        const y = conv2d(conv2d(conv2d(x as never, fixed as never, { padding: 1 }), filter as never, { padding: 1 }), narrow as never);
        return matMul(matMul(reshape(y, [25, 3]), matrix as never), right as never);
      });
      const given = (seed: number): [Tensor, Tensor, Tensor] => [draw(seed, [1, 5, 5, 8]), draw(seed + 1, [3, 3, 8, 8]), draw(seed + 2, [5, 2])];
      const [x, filter, right] = given(10);
      const plan = planned((input) => ({ out: run(input('x', x), input('filter', filter), input('right', right)) }));
      for (const seed of [10, 20, 30]) {
        const tensors = given(seed);
        tensors.forEach((t, i) => plan.set(plan.inputs[i]!, t));
        expect(numbers(plan.run('out'))).toEqual(numbers(run(...tensors)));
      }
      plan.dispose();
    });

    it('keeps its own hold on inputs and outputs', () => {
      const plan = record(tensor1d([1, 2]), tensor1d([3, 4]));
      const first = plan.run('out');
      give(plan, 'a', [7, 8]);
      const second = plan.run('out');
      plan.dispose();
      plan.dispose();
      expect([numbers(first), numbers(second)]).toEqual([[123, 244], [483, 724]]);
    });

    it('leaves nothing behind', () => {
      const [tensors, ids] = [memory().numTensors, engine().backend.numDataIds()];
      const [a, b] = [tensor1d([1, 2]), tensor1d([3, 4])];
      const outputs = planned((input) => {
        const results = tidy(() => ({ sum: add(input('a', a), input('b', b)) }));
        results.sum.dispose();
        return results;
      });
      for (let i = 0; i < 3; i++) {
        give(outputs, 'a', [i, i]);
        outputs.run('sum').dispose();
      }
      outputs.dispose();
      [a, b].forEach((t) => t.dispose());
      expect([memory().numTensors, engine().backend.numDataIds()]).toEqual([tensors, ids]);
    });

    it('is refused for a function that looks at numbers which depend on its inputs', () => {
      const a = tensor1d([1, 2]);
      const before = memory().numTensors;
      const plan = recordPlan((input) => tidy(() => {
        const y = mul(input('a', a), 2);
        return { out: y.dataSync()[0]! > 0 ? add(y, 1) : y };
      }));
      expect(plan).toEqual({ refused: expect.stringContaining('reads numbers') as string });
      expect(memory().numTensors - before).toBe(1); // the function's output is the caller's
    });

    it('takes numbers that a function reads of constants for constants', () => {
      const [a, constant] = [tensor1d([1, 2]), tensor1d([5])];
      const plan = planned((input) => tidy(() => ({ out: mul(input('a', a), constant.dataSync()[0]!) })));
      expect(numbers(plan.run('out'))).toEqual([5, 10]);
      plan.dispose();
    });

    it('tells what is wrong with a name, a shape, a shared input or a plan that is gone', () => {
      const [a, b] = [tensor1d([1, 2]), tensor1d([3, 4])];
      const plan = record(a, b);
      expect(() => plan.set('c', a)).toThrow("plan: expected an input of a, b, got 'c'");
      expect(() => plan.run('c')).toThrow("plan: expected an output of early, out, got 'c'");
      expect(() => plan.set('a', tensor1d([1]))).toThrow("plan: expected input 'a' of [2], got [1]");
      plan.dispose();
      expect(() => plan.run('out')).toThrow('the plan is disposed');
      expect(() => recordPlan((input) => ({ out: add(input('a', a), input('b', a)) }))).toThrow("got 'b' declared twice");
    });

    it('agrees with the function after any changes in any order', () => {
      const ops = [add, sub, mul, (x: Tensor, y: Tensor) => concat([split(x, 2)[0]!, split(y, 2)[1]!])];
      const steps = fc.array(fc.tuple(fc.nat(ops.length - 1), fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 });
      const moves = fc.array(fc.tuple(fc.nat(4), fc.integer({ min: -4, max: 4 })), { maxLength: 12 });
      fc.assert(fc.property(steps, moves, (program, edits) => {
        const values = [0, 1, 2].map((i) => [i, -i]);
        const run = (given: readonly Tensor[]): Record<string, Tensor> => {
          const all = [...given];
          for (const [op, x, y] of program) all.push(ops[op]!(all[x % all.length]!, all[y % all.length]!));
          return { early: all[3]!, out: all[all.length - 1]! };
        };
        const now = (): Tensor[] => values.map((v) => tensor(v));
        const ids = engine().backend.numDataIds();
        let returned: Record<string, Tensor> = {};
        const plan = planned((input) => (returned = tidy(() => run(now().map((t, i) => input(`${i}`, t))))));
        for (const [what, value] of edits) {
          if (what > 2) {
            const output = what === 3 ? 'early' : 'out';
            expect(numbers(plan.run(output))).toEqual(tidy(() => [...run(now())[output]!.dataSync()]));
          } else {
            values[what] = [value, -value];
            give(plan, `${what}`, values[what]!);
          }
        }
        expect(numbers(plan.run('out'))).toEqual(tidy(() => [...run(now())['out']!.dataSync()]));
        plan.dispose();
        for (const result of new Set(Object.values(returned))) result.dispose();
        expect(engine().backend.numDataIds()).toBe(ids);
      }), { numRuns: 60 });
    });
  });

it('gives back the memory of wasm that packed filters and outputs take', async () => {
  await setBackend('wasm');
  const module = (engine().backend as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm;
  const [x, filter] = [createRng(1).normalTensor([1, 32, 32, 64]), createRng(2).normalTensor([3, 3, 64, 64])];
  const bytes: number[] = [];
  for (let i = 0; i < 60; i++) {
    let returned: Tensor | undefined;
    const plan = planned((input) => ({ out: (returned = tidy(() => relu(conv2d(mul(input('x', x), 2), mul(filter, 0.5) as never, { padding: 1 })))) }));
    plan.run('out').dispose();
    plan.dispose();
    returned!.dispose();
    bytes.push(module.HEAPU8.length);
  }
  expect(bytes[59]).toBe(bytes[5]); // a filter of 150 kB a time, packed 260 kB, would have shown
});
