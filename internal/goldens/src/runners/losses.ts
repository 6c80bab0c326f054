import { add, argMin, mean, type Scalar, scalar, softplus, neg, sub, type Tensor, type Tensor2D, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import {
  type AttentionExtractor, collectTaps, createRng, type GeneratorLoss, type GeneratorPhase, type LossContext, type TappedScore, valueAndGrad, vjp,
} from '@spatialgan/core';
import { gradCam, minMaxNormalize } from '@spatialgan/gradcam';
import { resizeBilinear } from '@spatialgan/ops';
import {
  alignAttention, averageRegions, candidateDistances, l1Alignment, nonSaturatingGenerator, rowMinimum, truncatedL1, type Truncation,
} from '@spatialgan/trainer';
import type { GoldenCase, Runner } from '../goldenCase.js';
import { toNchw, toNhwc } from '../pytorchLayout.js';
import { discriminatorOf, pyramidOf } from '../pytorchNetworks.js';

const truncations: Readonly<Record<string, Truncation>> = { zero_below_mean_all: 'zero', mean_over_kept: 'kept', scalar: 'scalar' };

const eq3: Runner = ({ inputs, args }) => {
  const options = { tau: args.tau as number, truncation: truncations[args.mode]! };
  const { value, grads } = vjp(() => truncatedL1<Scalar>(sub(inputs['att']!, inputs['hm']!), options), [inputs['att']!]);
  return { loss: value, datt: grads[0]! };
};

const eq5: Runner = ({ inputs, args }) => {
  const [attention, heatmap] = [toNhwc(inputs['att']!), toNhwc(inputs['sub']!)];
  const regionSum = args.h_norm === 'minmax' ? 'minmax' : 'plain';
  const options = { tau: args.tau as number, truncation: truncations[args.mode]!, regionSum } as const;
  const dist = candidateDistances(attention, heatmap, options);
  const { value, grads } = vjp(() => mean<Scalar>(rowMinimum(candidateDistances(attention, heatmap, options))), [attention]);
  return { loss: value, dist, argmin: argMin(dist, 1), datt: toNchw(grads[0]!) };
};

/** D's block R is held against the heatmap that feeds G's block R/2 (quirk 31). */
const resolutionOf = (target: string): number => Number(target.slice(1)) / 2;

/** The phase of a generator that returns the given image; made anew for every tape. */
function phaseOf({ inputs }: GoldenCase, images: Tensor4D, score: TappedScore): GeneratorPhase {
  const fake = { images, ws: images as unknown as Tensor3D };
  const { tap, features } = collectTaps();
  let scores: Tensor2D | undefined;
  return {
    z: images as unknown as Tensor2D, layouts: [], heatmaps: pyramidOf(inputs), rng: createRng(0), score,
    fake: () => fake,
    sample: () => fake,
    fakeScore: () => ({ scores: (scores ??= score(images, tap) as Tensor2D), features }),
  };
}

/** What the loss reports per level, and what it saw there. */
function debugOutputs(golden: GoldenCase, extractor: AttentionExtractor, phase: GeneratorPhase): Record<string, Tensor> {
  const { inputs, args } = golden;
  const maps = extractor.attend(extractor.weighPass!(phase.fakeScore()), phase.fakeScore().features);
  const alignment = l1Alignment({ reading: 'reference', tau: args.align_thres });
  const R = inputs['img']!.shape[2]!;
  const level = (target: string): (readonly [string, Tensor])[] => {
    const heatmap = phase.heatmaps.get(resolutionOf(target))!;
    return [
      [`debug_loss_${target}`, alignment.batchDistance!(maps[target]!, heatmap)],
      [`debug_attmap_${target}`, toNchw(minMaxNormalize(resizeBilinear(maps[target]!, [R, R])))],
      [`debug_target_${target}`, toNchw(averageRegions(heatmap))],
    ];
  };
  return Object.fromEntries(extractor.targets.flatMap(level));
}

const alignLoss: Runner = (golden) => {
  const { inputs, args } = golden;
  const { model, params } = discriminatorOf(args, golden.role('D').weights);
  const score: TappedScore = (images, tap) => model.score(params, images, tap);
  const img = toNhwc(inputs['img']!);
  const extractor = gradCam({ preset: 'reference', targets: ['b8', 'b16', 'b32'] });
  const losses: readonly GeneratorLoss<void>[] = [
    alignAttention({ extractor, loss: l1Alignment({ reading: 'reference', tau: args.align_thres }), resolutionOf }),
    nonSaturatingGenerator(),
  ];
  const context: LossContext<void> = { state: undefined, kimg: 0, report: () => {} };
  const computed = (used: typeof losses) => (): Scalar => {
    const phase = phaseOf(golden, img, score);
    return used.map((loss) => mean<Scalar>(loss.compute(phase, context).loss)).reduce((a, b) => add(a, b));
  };
  const align = vjp(computed(losses.slice(0, 1)), [img]);
  const total = vjp(computed(losses), [img]);
  const weights = Object.entries(extractor.weigh(score, img)).map(([name, w]) => [`gradcam_${name}`, toNchw(w)] as const);
  const { aux: debug } = valueAndGrad(() => {
    return { loss: scalar(0), aux: debugOutputs(golden, extractor, phaseOf(golden, img, score)) };
  }, { img });
  return {
    ...Object.fromEntries(weights), ...debug, adv_loss: softplus(neg(score(img, (_name, x) => x))), align_loss: align.value,
    dimg_align: toNchw(align.grads[0]!), dimg_total: toNchw(total.grads[0]!),
  };
};

export const runners: Readonly<Record<string, Runner>> = {
  'paper.eq3_align': eq3, 'paper.eq5_align_indoor': eq5, align_loss: alignLoss,
};
