import { beforeAll, describe, expect, it } from 'vitest';
import { add, clone, engine, matMul, memory, mul, relu, reshape, setBackend, sum, tensor, type Tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { createRng, type Rng } from '@spatialgan/core';
import { cpu } from '../cpu.js';
import { wasm } from '../wasm.js';
import { drawnInputs } from './drawnInputs.js';
import { createOutputPool } from './outputPool.js';
import { type Pass, recordPass } from './recordPass.js';

beforeAll(async () => {
  await cpu().activate();
  await wasm({ threads: 1 }).activate();
});

/** Records and frees what the function itself returned. */
const recorded = (...[run, options]: Parameters<typeof recordPass>): Pass => {
  let returned: Readonly<Record<string, Tensor>> = {};
  const pass = recordPass((input) => (returned = run(input)), options);
  Object.values(returned).forEach((t) => t.dispose());
  if ('refused' in pass) throw new Error(pass.refused);
  return pass;
};

/** Numbers of fresh tensors, which are disposed. */
const numbers = (tensors: ReadonlyMap<string, Tensor>): Record<string, number[]> =>
  Object.fromEntries([...tensors].map(([name, t]) => {
    const values = [...t.dataSync()];
    t.dispose();
    return [name, values] as const;
  }));

function running(pass: Pass, values: Readonly<Record<string, number[]>>, stage?: number): Record<string, number[]> {
  const inputs = new Map(Object.entries(values).map(([name, list]) => [name, tensor(list)]));
  const results = numbers(pass.run(inputs, stage));
  inputs.forEach((t) => t.dispose());
  return results;
}

for (const backend of ['cpu', 'wasm'])
  describe(`a pass on ${backend}`, () => {
    beforeAll(async () => {
      await setBackend(backend);
    });

    /** twice = 2a; out = relu(2a · b) + b; one = out under another name; given = a as it is. */
    const record = (options?: Parameters<typeof recordPass>[1]): Pass => {
      const [a, b] = [tensor1d([1, 2]), tensor1d([3, 4])];
      const pass = recorded((input) => tidy(() => {
        const [x, y] = [input('a', a), input('b', b)];
        const twice = mul(x, 2);
        const out = add(relu(mul(twice, y)), y);
        return { twice, out, one: reshape(out, [2, 1]), given: clone(x) };
      }), options);
      [a, b].forEach((t) => t.dispose());
      return pass;
    };

    it('computes what the function would, each time from its inputs alone', () => {
      const pass = record();
      expect([pass.calls, pass.inputs]).toEqual([4, ['a', 'b']]);
      expect(running(pass, { a: [1, 2], b: [3, 4], more: [0] })).toEqual({ twice: [2, 4], out: [9, 20], one: [9, 20], given: [1, 2] });
      expect(running(pass, { a: [-1, 3], b: [5, 1] })).toEqual({ twice: [-2, 6], out: [5, 7], one: [5, 7], given: [-1, 3] });
      pass.dispose();
    });

    it('keeps nothing between runs but its pool and its constants, and those until it is disposed', () => {
      const before = [memory().numTensors, engine().backend.numDataIds()];
      const pool = createOutputPool(engine().backend);
      const pass = record({ pool });
      running(pass, { a: [1, 2], b: [3, 4] });
      const held = [memory().numTensors, engine().backend.numDataIds()];
      for (let i = 0; i < 3; i++) running(pass, { a: [i, 2], b: [3, i] });
      expect([memory().numTensors, engine().backend.numDataIds()]).toEqual(held);
      pass.dispose();
      pool.dispose();
      expect([memory().numTensors, engine().backend.numDataIds()]).toEqual(before);
    });

    it('gives early outputs first; the rest may depend on what comes of them, and repeats nothing', () => {
      const [a, b] = [tensor1d([1, 2]), tensor1d([3])];
      const pass = recorded((input) => tidy(() => {
        const x = input('a', a);
        const total = sum(mul(x, 2));
        // The same again, as a function does that was written for one stage.
        return { total, out: mul(mul(x, 2), input('whole', b)) };
      }), { isEarly: (output) => output === 'total' });
      const before = engine().backend.numDataIds();
      expect(pass.calls).toBe(3);
      const x = new Map<string, Tensor>([['a', tensor1d([5, 6])]]);
      expect(numbers(pass.run(x))).toEqual({ total: [22] });
      // What was given up is begun anew.
      expect(numbers(pass.run(x))).toEqual({ total: [22] });
      expect(running(pass, { whole: [10] }, 1)).toEqual({ out: [100, 120] });
      expect(() => pass.run(x, 1)).toThrow(/expected stage 2 of 2, got 1/);
      x.forEach((t) => t.dispose());
      if (backend === 'cpu') expect(engine().backend.numDataIds()).toBe(before);
      pass.dispose();
      [a, b].forEach((t) => t.dispose());
    });

    it('says which input is missing or of another shape, and that it is disposed', () => {
      const pass = record();
      expect(() => running(pass, { a: [1, 2] })).toThrow("expected an input 'b', got a");
      expect(() => running(pass, { a: [1, 2], b: [1, 2, 3] })).toThrow("expected input 'b' of [2], got [3]");
      expect(running(pass, { a: [1, 2], b: [3, 4] })['out']).toEqual([9, 20]);
      pass.dispose();
      pass.dispose();
      expect(() => running(pass, { a: [1, 2], b: [3, 4] })).toThrow('the pass is disposed');
    });

    it('draws what the function drew from other streams, first and later draws and streams made twice', () => {
      const weight = tensor2d([[1, 2], [3, 4]]);
      const run = (rng: Rng): Record<string, Tensor> => tidy(() => {
        const own = rng.split('own');
        const [first, second] = [own.normalTensor<Tensor>([1, 2]), own.uniformTensor<Tensor>([1, 2])];
        const again = rng.split('own');
        return {
          sum: add(matMul(first as never, weight), second), same: add(again.normalTensor<Tensor>([1, 2]), 0), other: add(again.normalTensor<Tensor>([2]), 0),
          part: add(rng.split('b').normalTensor<Tensor>([2, 2]), 0),
        };
      });
      let drawn: ReturnType<typeof drawnInputs> | undefined;
      const pass = recorded((input) => run((drawn = drawnInputs(createRng(1), input)).rng));
      expect(pass.inputs).toHaveLength(4);
      for (const fresh of [createRng(2), createRng(3).split('part', { index: 1, parts: 3 })]) {
        const inputs = new Map<string, Tensor>();
        drawn!.again(fresh, (name, t) => void inputs.set(name, t.clone()));
        expect(numbers(pass.run(inputs))).toEqual(numbers(new Map(Object.entries(run(fresh)))));
        inputs.forEach((t) => t.dispose());
      }
      expect(drawn!.drewNumbers()).toBe(false);
      drawn!.rng.split('own').integer(3);
      expect(drawn!.drewNumbers()).toBe(true);
      pass.dispose();
    });

    it('is refused, with the results that the function gave, when it reads numbers', () => {
      const x = tensor1d([1, 2]);
      let results: Record<string, Tensor> = {};
      const refused = recordPass((input) => (results = { out: mul(input('x', x), input('x', x).dataSync()[1]!) }));
      expect(refused).toEqual({ refused: 'it reads numbers that depend on its inputs while it runs' });
      expect(numbers(new Map(Object.entries(results)))).toEqual({ out: [2, 4] });
    });
  });
