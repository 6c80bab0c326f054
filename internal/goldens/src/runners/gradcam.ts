import { mul, sum, type Tensor4D } from '@tensorflow/tfjs-core';
import { type TappedScore, vjp } from '@spatialgan/core';
import { gradCam, minMaxNormalize } from '@spatialgan/gradcam';
import { resizeBilinear } from '@spatialgan/ops';
import type { Runner } from '../goldenCase.js';
import { toNchw, toNhwc } from '../pytorchLayout.js';

/** The activation is the image, and the score is linear in it, so that its gradient is the case's. */
const gradcam: Runner = ({ inputs, args }) => {
  const [act, gradient] = [toNhwc(inputs['act']!), toNhwc(inputs['grad']!)];
  const score: TappedScore = (images, tap) => sum(mul(tap('act', images), gradient), [1, 2, 3]);
  const extractor = gradCam({ targets: ['act'], relu: args.order === 'relu_then_sum' ? 'before-sum' : 'after-sum' });
  const weights = extractor.weigh(score, act);
  const raw = (): Tensor4D => extractor.attend(weights, { act })['act']!;
  const { value, grads } = vjp(() => minMaxNormalize(resizeBilinear(raw(), args.size)), [act], toNhwc(inputs['dmap']!));
  return { raw: toNchw(raw()), map: toNchw(value), dact: toNchw(grads[0]!) };
};

export const runners: Readonly<Record<string, Runner>> = { 'paper.gradcam': gradcam };
