import { type Tensor4D } from '@tensorflow/tfjs-core';
import { createRng, vjp } from '@spatialgan/core';
import { type AugmentDraws, augmentPipe, type AugmentRates } from '@spatialgan/data/augment';
import type { GoldenCase, Runner } from '../goldenCase.js';
import { toNchw, toNhwc } from '../pytorchLayout.js';

/** The inverse of erf by bisection on its Maclaurin series; |y| < 1. */
function inverseErf(y: number): number {
  const erf = (x: number): number => {
    let [term, sum] = [x, x];
    for (let n = 1; n < 120; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  };
  let [low, high] = [-4, 4];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (erf(middle) < y) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Every value at one percentile, every gate open, the second rotation none (quirk 47). */
function percentileDraws(percentile: number, rates: AugmentRates): AugmentDraws {
  const uniforms = (['xflip', 'rotate90', 'xint', 'rotate'] as const).filter((name) => rates[name]);
  const second = rates.rotate ? uniforms.length : -1;
  const normal = inverseErf(2 * percentile - 1);
  let calls = 0;
  return {
    uniform: (count, each = 1) => new Array<number>(count * each).fill(calls++ === second ? 0.5 : percentile),
    normal: (count, each = 1) => new Array<number>(count * each).fill(normal),
    gate: (count) => new Array<boolean>(count).fill(true),
    noise: createRng(0),
  };
}

/** The recorded draws, in order. */
function recordedDraws(inputs: GoldenCase['inputs']): AugmentDraws {
  let index = 0;
  const next = (count: number): number[] => {
    const values = [...inputs[`draw_${String(index++).padStart(2, '0')}`]!.dataSync()];
    if (values.length !== count) throw new Error(`augment: draw ${index - 1} has ${values.length} values, asked for ${count}`);
    return values;
  };
  const gate = (count: number, probability: number): boolean[] => next(count).map((value) => value < probability);
  const perSample = (count: number, each = 1): number[] => next(count * each);
  return { uniform: perSample, normal: perSample, gate, noise: createRng(0) };
}

function outputs({ inputs, args }: GoldenCase, p: number, draws: () => AugmentDraws) {
  const pipe = augmentPipe(args.ctor);
  const images = toNhwc(inputs['images']!);
  const { value, grads } = vjp(() => pipe(images, { p, draws: draws() }), [images], toNhwc(inputs['dy']!));
  return { y: toNchw(value), dimages: toNchw(grads[0] as Tensor4D) };
}

const augment: Runner = (golden) => {
  const { ctor, debug_percentile: percentile, p } = golden.args;
  return outputs(golden, p, () => (percentile === null ? closedGates() : percentileDraws(percentile, ctor)));
};

/** For p = 0: any values, every gate shut. */
const closedGates = (): AugmentDraws => ({
  ...percentileDraws(0.5, {}), gate: (count) => new Array<boolean>(count).fill(false),
});

const replay: Runner = (golden) => outputs(golden, golden.args.p, () => recordedDraws(golden.inputs));

export const runners: Readonly<Record<string, Runner>> = { augment, augment_replay: replay };
