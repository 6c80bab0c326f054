import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { cos, customGrad, engine, type GradSaveFunc, mul, registerGradient, setBackend, square, tan, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { vjp } from './valueAndGrad.js';

beforeAll(async () => {
  await setBackend('cpu');
  registerGradient({ kernelName: 'Square', inputsToSave: ['x'], gradFunc: (dy, [x]) => ({ x: () => mul(dy as Tensor, mul(x!, 2)) }) });
});

const tensors = (): number => engine().state.numTensors;

/** x·2, whose gradient tells how many tensors live. */
const watched = (x: Tensor, seen: number[]): Tensor => customGrad((...args) => {
  const [given, save] = args as [Tensor, GradSaveFunc];
  save([given]);
  return { value: mul(given, 2), gradFunc: (dy: Tensor) => (seen.push(tensors()), mul(dy, 2)) };
})(x);

it('frees saved tensors and cotangents on the way back, so that it needs no more at the end than at its beginning', () => {
  const x = tensor1d([1, 2]);
  const seen: number[] = [];
  const before = tensors();
  tidy(() => {
    const { grads } = vjp(() => [1, 2, 3, 4, 5, 6].reduce((y: Tensor) => watched(y, seen), x), [x]);
    expect([...grads[0]!.dataSync()]).toEqual([64, 64]);
  });
  // The first call has its cotangent besides what the forward pass left; each step frees a twin and a cotangent and makes one.
  for (let i = 1; i < seen.length; i++) expect(seen[i]!).toBeLessThan(seen[0]! + 2);
  expect(seen[5]! - seen[1]!).toBe(-4);
  expect(tensors()).toBe(before);
  x.dispose();
});

it('passes a cotangent on that a gradient hands through, and leaves the caller its own', () => {
  const x = tensor1d([1, 2]);
  const dy = tensor1d([3, 4]);
  const before = tensors();
  const through = (t: Tensor): Tensor => customGrad((given) => ({ value: mul(given as Tensor, 1), gradFunc: (d: Tensor) => d }))(t);
  tidy(() => {
    const { grads } = vjp(() => through(through(square(x))), [x], dy as Tensor);
    expect([...grads[0]!.dataSync()]).toEqual([6, 16]);
    expect([...dy.dataSync()]).toEqual([3, 4]);
  });
  expect(tensors()).toBe(before);
  x.dispose();
  dy.dispose();
});

it('leaves nothing behind when the function or a gradient throws', () => {
  const x = tensor1d([1]);
  const before = tensors();
  const broken = (t: Tensor): Tensor => customGrad((given) => ({
    value: mul(given as Tensor, 1),
    gradFunc: () => { throw new Error('broken gradient'); },
  }))(t);
  expect(() => vjp(() => { square(square(x)); throw new Error('broken function'); }, [x])).toThrow('broken function');
  expect(() => tidy(() => vjp(() => square(broken(square(x))), [x]).value)).toThrow('broken gradient');
  expect(tensors()).toBe(before);
  expect(engine().state.gradientDepth).toBe(0);
  x.dispose();
});

it('says which gradient is missing, and which has the wrong shape', () => {
  const x = tensor1d([1, 2]);
  registerGradient({ kernelName: 'Cos', gradFunc: () => ({ x: () => tensor1d([1]) }) });
  expect(() => vjp(() => tan(x), [x])).toThrow(/no gradient is registered for Tan/);
  expect(() => vjp(() => cos(x), [x])).toThrow(/gradient of Cos by x: expected float32 \[2\], got float32 \[1\]/);
  x.dispose();
});
