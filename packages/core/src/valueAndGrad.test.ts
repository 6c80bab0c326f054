import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { engine, mul, onesLike, registerGradient, scalar, setBackend, square, sum, tensor1d, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { disposeParams, flattenParams, mapParams, unflattenParams, withLeaves, type ParamTree } from './paramTree.js';
import { stopGradient } from './stopGradient.js';
import { valueAndGrad, vjp } from './valueAndGrad.js';

beforeAll(async () => {
  await setBackend('cpu');
  // Only what these tests use; the whole set lives in @spatialgan/ops.
  registerGradient({ kernelName: 'Square', inputsToSave: ['x'], gradFunc: (dy, [x]) => ({ x: () => mul(dy as Tensor, mul(x!, 2)) }) });
  registerGradient({
    kernelName: 'Multiply',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => { const g = mul(dy as Tensor, b!); return g.shape.length > a!.shape.length ? sum(g) : g; },
      b: () => { const g = mul(dy as Tensor, a!); return g.shape.length > b!.shape.length ? sum(g) : g; },
    }),
  });
  registerGradient({ kernelName: 'Sum', inputsToSave: ['x'], gradFunc: (dy, [x]) => ({ x: () => mul(dy as Tensor, onesLike(x!)) }) });
  registerGradient({ kernelName: 'Add', gradFunc: (dy) => ({ a: () => (dy as Tensor).clone(), b: () => (dy as Tensor).clone() }) });
  registerGradient({ kernelName: 'OnesLike', gradFunc: (dy) => ({ x: () => mul(dy as Tensor, 0) }) });
  registerGradient({ kernelName: 'Cast', gradFunc: (dy) => ({ x: () => (dy as Tensor).clone() }) });
  registerGradient({ kernelName: 'Identity', gradFunc: (dy) => ({ x: () => (dy as Tensor).clone() }) });
});

describe('valueAndGrad', () => {
  it('differentiates by path, gives zeros where nothing depends, and leaves nothing behind', () => {
    const params = { a: tensor1d([1, 2]), nested: { b: tensor1d([3, 4]), unused: tensor1d([5]) } };
    const before = engine().state.numTensors;
    const { loss, grads, aux } = valueAndGrad(() => {
      const y = mul(params.a, square(params.nested.b));
      return { loss: sum(y) as Scalar, aux: { y } };
    }, params);
    expect(loss.dataSync()[0]).toBe(1 * 9 + 2 * 16);
    expect([...grads.get('a')!.dataSync()]).toEqual([9, 16]);
    expect([...grads.get('nested.b')!.dataSync()]).toEqual([6, 16]);
    expect([...grads.get('nested.unused')!.dataSync()]).toEqual([0]);
    expect([...aux['y']!.dataSync()]).toEqual([9, 32]);
    loss.dispose();
    for (const g of grads.values()) g.dispose();
    aux['y']!.dispose();
    expect(engine().state.numTensors).toBe(before);
    disposeParams(params);
  });

  it('differentiates only what is trainable', () => {
    const params = { a: tensor1d([1]), b: tensor1d([2]) };
    const { loss, grads } = valueAndGrad(() => sum(mul(params.a, params.b)) as Scalar, params, (path) => path === 'a');
    expect([...grads.keys()]).toEqual(['a']);
    loss.dispose();
    disposeParams([params, ...grads.values()]);
  });

  it('nests: the gradient of a squared gradient', () => {
    const params = { x: tensor1d([3]) };
    const { loss, grads } = valueAndGrad(() => {
      const inner = vjp(() => sum(mul(params.x, square(params.x))) as Scalar, [params.x]).grads[0]!; // 3x²
      return sum(square(inner)) as Scalar; // 9x⁴
    }, params);
    expect(loss.dataSync()[0]).toBe(729);
    expect(grads.get('x')!.dataSync()[0]).toBe(36 * 27);
    loss.dispose();
    disposeParams([params, ...grads.values()]);
  });

  it('does not differentiate through stopGradient', () => {
    const params = { x: tensor1d([3]) };
    const { loss, grads } = valueAndGrad(() => sum(mul(params.x, stopGradient(params.x))) as Scalar, params);
    expect(grads.get('x')!.dataSync()[0]).toBe(3);
    loss.dispose();
    disposeParams([params, ...grads.values()]);
  });
});

describe('parameter trees', () => {
  it('flatten to dotted paths and back', () => {
    const tree = { g: { b4: { const: scalar(1) } }, list: [scalar(2), scalar(3)] };
    const leaves = flattenParams(tree);
    expect([...leaves.keys()]).toEqual(['g.b4.const', 'list.0', 'list.1']);
    expect(flattenParams(unflattenParams(leaves) as ParamTree)).toEqual(leaves);
    disposeParams(tree);
  });

  it('replace leaves and refuse another shape', () => {
    const tree = { a: tensor1d([1]), b: tensor1d([2]) };
    const next = withLeaves(tree, new Map([['b', tensor1d([5]) as Tensor1D]]));
    expect(next.a).toBe(tree.a);
    expect(next.b.dataSync()[0]).toBe(5);
    expect(() => withLeaves(tree, new Map([['b', tensor1d([5, 6])]]))).toThrowError(/b: expected shape \[1\], got \[2\]/);
    expect(mapParams(tree, (leaf) => leaf)).toEqual(tree);
    disposeParams([tree, next]);
  });
});
