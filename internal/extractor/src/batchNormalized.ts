import { add, div, keep, mean, mul, reshape, sqrt, square, sub, type Tensor1D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { smallFeatures, type SmallConv, type SmallLayer, type SmallParams } from '@spatialgan/metrics/small';
import { conv2d } from '@spatialgan/ops';

const epsilon = 1e-4;
/** What a layer that is added to its input is multiplied by, so that the sum does not grow. */
const gainOf = (stride: 1 | 2): number => (stride === 1 ? 0.5 : 1);

/** A layer normalized over the batch (Ioffe, Szegedy 2015), without a scale of its own: training only. */
export function batchNormalized(observe: (name: string, statistics: { readonly mean: Tensor4D; readonly deviation: Tensor4D; readonly gain: number }) => void = () => {}): SmallLayer {
  return (x, { filter, bias }, { name, stride }) => {
    const y = conv2d(x, filter, { stride, padding: 'same' });
    const average = mean(y, [0, 1, 2], true) as Tensor4D;
    const centered = sub(y, average);
    const deviation = sqrt(add(mean(square(centered), [0, 1, 2], true), epsilon)) as Tensor4D;
    observe(name, { mean: average, deviation, gain: gainOf(stride) });
    return add(mul(div(centered, deviation), gainOf(stride)), bias) as Tensor4D;
  };
}

/** Weights that do without the batch, as if every batch had the statistics of these images; the caller owns them. */
export function foldNormalization(params: SmallParams, images: Tensor4D): SmallParams {
  const folded: Record<string, SmallConv> = {};
  tidy(() => {
    smallFeatures(params, images, batchNormalized((name, { mean: average, deviation, gain }) => {
      const { filter, bias } = params[name]!;
      const scale = div(gain, deviation);
      folded[name] = { filter: keep(mul(filter, scale)), bias: keep(sub(bias, reshape(mul(average, scale), [-1])) as Tensor1D) };
    }));
  });
  return folded;
}
