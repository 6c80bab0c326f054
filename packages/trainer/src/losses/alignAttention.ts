import { add, mean, type Scalar } from '@tensorflow/tfjs-core';
import { type AlignmentLoss, type AttentionExtractor, type GeneratorLoss, type GeneratorPhase, type NamedMaps, SpatialGANError } from '@spatialgan/core';

/** Options of {@link alignAttention}. */
export interface AlignAttentionOptions {
  /** Where D looks, e.g. `gradCam({ targets: ['b8', 'b16', 'b32'] })`. */
  readonly extractor: AttentionExtractor;
  /** How far that is from a heatmap, e.g. `l1Alignment()`. */
  readonly loss: AlignmentLoss;
  /** The feature resolution of G whose heatmap a target is held against: the output of D's block 8 against 4, … (§3.3). */
  readonly resolutionOf: (target: string) => number;
  /** Default 1. */
  readonly weight?: number;
}

/** D's weights for the fake images: from the pass that is there anyway if the extractor can, else from one of its own. */
function constantWeights(extractor: AttentionExtractor, phase: GeneratorPhase): NamedMaps {
  if (extractor.weighPass) return extractor.weighPass(phase.fakeScore());
  return extractor.weigh(phase.score, phase.fake().images);
}

/**
 * L_align (§3.3): draws D's attention on generated images to the heatmaps they were generated from, by changing G alone.
 *
 * The distances of all targets are summed. The attention's weights are constants; the gradient reaches G through the features.
 *
 * @throws SpatialGANError 'CONFIG' when no heatmap feeds the resolution of a target.
 */
export function alignAttention({ extractor, loss, resolutionOf, weight = 1 }: AlignAttentionOptions): GeneratorLoss<void> {
  return {
    name: 'alignAttention',
    network: 'G',
    weight,
    compute(phase, { report }) {
      const maps = extractor.attend(constantWeights(extractor, phase), phase.fakeScore().features);
      const distances = extractor.targets.map((target) => {
        const heatmap = phase.heatmaps.get(resolutionOf(target));
        if (!heatmap) {
          const fed = [...phase.heatmaps.keys()].join();
          throw new SpatialGANError('CONFIG', `alignAttention: expected a heatmap at ${resolutionOf(target)} for target '${target}', got [${fed}]`);
        }
        const distance = loss.batchDistance?.(maps[target]!, heatmap) ?? mean<Scalar>(loss.distance(maps[target]!, heatmap));
        report(`Loss/G/align/${target}`, distance);
        return distance;
      });
      const total = distances.reduce((a, b) => add(a, b));
      report('Loss/G/align', total);
      return { loss: total };
    },
  };
}
