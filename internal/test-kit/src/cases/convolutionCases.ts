import { type Tensor1D, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { conv2d, conv2dResample, convTranspose2d, modulatedConv2d, setupFilter, upfirdn2d } from '@spatialgan/ops';
import { randomArray } from '../array64.js';
import { convResampleReference, conv2dReference, convTransposeReference, outerFilter, upfirdnReference } from '../references/convolutions.js';
import { modulatedReference } from '../references/features.js';
import { styledActivationReference } from '../references/pointwise.js';
import type { OpCase } from './opCase.js';

type Pads = readonly [number, number, number, number];
const FIR = [1, 3, 3, 1];
const SKEW = [1, 2, 4];

const input = (...shape: number[]) => randomArray(shape, { label: 'x' });
const weight = (...shape: number[]) => randomArray(shape, { label: 'w' });

const convCase = (kernel: number, options: { stride: number; padding: Pads }): OpCase => ({
  op: 'conv2d',
  variant: `${kernel}×${kernel}, stride ${options.stride}, padding ${options.padding}`,
  order: 2,
  inputs: [input(2, 6, 5, 3), weight(kernel, kernel, 3, 4)],
  run: (x: Tensor4D, w: Tensor4D) => conv2d(x, w, options),
  reference: (x, w) => conv2dReference(x, w, options),
});

const transposeCase = (kernel: number, options: { stride: number; padding: Pads }): OpCase => ({
  op: 'convTranspose2d',
  variant: `${kernel}×${kernel}, stride ${options.stride}, padding ${options.padding}`,
  order: 2,
  inputs: [input(2, 3, 4, 3), weight(kernel, kernel, 3, 2)],
  run: (x: Tensor4D, w: Tensor4D) => convTranspose2d(x, w, options),
  reference: (x, w) => convTransposeReference(x, w, options),
});

interface FirCase {
  readonly taps: readonly number[];
  readonly up?: readonly [number, number];
  readonly down?: readonly [number, number];
  readonly padding: Pads;
  readonly correlate?: boolean;
  readonly gain?: number;
  readonly separable?: boolean;
}

const firCase = ({ taps, separable = true, correlate = false, ...rest }: FirCase): OpCase => ({
  op: 'upfirdn2d',
  variant: `${taps.length} taps${separable ? '' : ' as 2-D'}, up ${rest.up ?? 1}, down ${rest.down ?? 1}, padding ${rest.padding}`,
  order: 2,
  inputs: [input(2, 6, 5, 3)],
  run: (x: Tensor4D) => {
    const f = setupFilter(taps, { separable }) as Tensor1D | Tensor2D;
    return upfirdn2d(x, f, { ...rest, flipFilter: correlate });
  },
  reference: (x) => upfirdnReference(x, outerFilter(taps), { ...rest, correlate }),
});

const resampleCase = (kernel: number, options: { up?: number; down?: number; flipWeight?: boolean }): OpCase => {
  const padding = Math.floor(kernel / 2);
  return {
    op: 'conv2dResample',
    variant: `${kernel}×${kernel}, up ${options.up ?? 1}, down ${options.down ?? 1}, flipWeight ${options.flipWeight ?? true}`,
    order: 2,
    inputs: [input(2, 4, 4, 3), weight(kernel, kernel, 3, 2)],
    run: (x: Tensor4D, w: Tensor4D) => conv2dResample(x, w, { ...options, padding, f: setupFilter(FIR) }),
    reference: (x, w) => convResampleReference(x, w, { ...options, padding, taps: FIR }),
  };
};

const modulatedCase = (options: { demodulate: boolean; form: 'activations' | 'weights'; spatial?: boolean }): OpCase => {
  const { spatial = false, demodulate, form } = options;
  return {
    op: 'modulatedConv2d',
    variant: `form ${form}, demodulate ${demodulate}${spatial ? ', spatial styles' : ''}`,
    order: 2,
    inputs: [
      input(2, 4, 4, 3), weight(3, 3, 3, 4),
      randomArray(spatial ? [2, 4, 4, 3] : [2, 3], { label: 's', scale: 0.5, offset: 1 }),
    ],
    run: (x: Tensor4D, w: Tensor4D, s: Tensor2D) => modulatedConv2d(x, w, s, { padding: 1, demodulate, form }),
    reference: (x, w, s) => modulatedReference(x, w, s, { demodulate }),
  };
};

/** A modulated convolution with everything that follows it in a layer. */
const styledConvCase = (up: 1 | 2): OpCase => ({
  op: 'modulatedConv2d',
  variant: `up ${up}, noise, bias and lrelu with it`,
  order: 2,
  inputs: [
    input(2, 3, 3, 3), weight(3, 3, 3, 2), randomArray([2, 3], { label: 's', scale: 0.5, offset: 1 }),
    randomArray([1, 3 * up, 3 * up, 1], { label: 'noise' }), randomArray([2], { label: 'b' }),
  ],
  run: (x: Tensor4D, w: Tensor4D, s: Tensor2D, noise: Tensor4D, bias: Tensor1D) =>
    modulatedConv2d(x, w, s, { up, padding: 1, flipWeight: up === 1, resampleFilter: up === 1 ? null : setupFilter(FIR), noise, bias, act: 'lrelu' }),
  reference: (x, w, s, noise, bias) =>
    styledActivationReference(modulatedReference(x, w, s, { up, taps: FIR }), { noise, bias }, { act: 'lrelu', gain: Math.SQRT2 }),
});

/** Every convolution and filter. */
export const convolutionCases: readonly OpCase[] = [
  convCase(3, { stride: 1, padding: [1, 1, 1, 1] }),
  convCase(3, { stride: 2, padding: [0, 1, 2, 0] }),
  convCase(3, { stride: 1, padding: [-1, 2, 0, -1] }),
  convCase(2, { stride: 3, padding: [1, 0, 0, 2] }),
  convCase(1, { stride: 1, padding: [0, 0, 0, 0] }),
  convCase(1, { stride: 2, padding: [0, 0, 0, 0] }),
  transposeCase(3, { stride: 2, padding: [0, 0, 0, 0] }),
  transposeCase(3, { stride: 2, padding: [1, -1, 0, 2] }),
  transposeCase(4, { stride: 3, padding: [1, 1, 1, 1] }),
  transposeCase(1, { stride: 2, padding: [0, 0, 0, 0] }),
  transposeCase(3, { stride: 1, padding: [1, 1, 1, 1] }),
  firCase({ taps: FIR, padding: [1, 2, 1, 2], gain: 4 }),
  firCase({ taps: FIR, separable: false, padding: [2, 1, 2, 1] }),
  firCase({ taps: FIR, up: [2, 2], padding: [2, 1, 2, 1], gain: 4 }),
  firCase({ taps: FIR, down: [2, 2], padding: [1, 1, 1, 1] }),
  firCase({ taps: SKEW, up: [3, 1], down: [1, 2], padding: [0, 1, 3, -1] }),
  firCase({ taps: SKEW, separable: false, up: [2, 2], down: [3, 2], padding: [1, 2, 0, 2], correlate: true }),
  firCase({ taps: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], padding: [6, 5, 6, 5] }),
  firCase({ taps: [1], padding: [1, 0, -1, 2] }),
  resampleCase(3, {}), resampleCase(3, { flipWeight: false }),
  resampleCase(3, { up: 2, flipWeight: false }), resampleCase(3, { up: 2 }), resampleCase(1, { up: 2 }),
  resampleCase(3, { down: 2 }), resampleCase(1, { down: 2 }),
  modulatedCase({ demodulate: true, form: 'activations' }), modulatedCase({ demodulate: false, form: 'activations' }),
  modulatedCase({ demodulate: true, form: 'weights' }),
  modulatedCase({ demodulate: true, form: 'activations', spatial: true }),
  styledConvCase(1), styledConvCase(2),
];

