import { add, mean, type Scalar, type Tensor4D } from '@tensorflow/tfjs-core';
import { type AlignmentLoss, type AttentionExtractor, type GeneratorLoss, type GeneratorPhase, type NamedMaps, SpatialGANError, type SplitBatch } from '@spatialgan/core';

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

/** Attention of each target beside the heatmap it is held against. */
interface Pair {
  readonly target: string;
  readonly attention: Tensor4D;
  readonly heatmap: Tensor4D;
}

function pairsOf({ extractor, resolutionOf }: AlignAttentionOptions, phase: GeneratorPhase): readonly Pair[] {
  const maps = extractor.attend(constantWeights(extractor, phase), phase.fakeScore().features);
  return extractor.targets.map((target) => {
    const heatmap = phase.heatmaps.get(resolutionOf(target));
    if (!heatmap) {
      const fed = [...phase.heatmaps.keys()].join();
      throw new SpatialGANError('CONFIG', `alignAttention: expected a heatmap at ${resolutionOf(target)} for target '${target}', got [${fed}]`);
    }
    return { target, attention: maps[target]!, heatmap };
  });
}

function distanceOf(loss: AlignmentLoss, { target, attention, heatmap }: Pair, split: SplitBatch | undefined): Scalar {
  if (!loss.batchDistance) return mean<Scalar>(loss.distance(attention, heatmap));
  const kept = split?.totals[target] as Scalar | undefined;
  if (split && !kept) {
    throw new SpatialGANError('CONFIG', `alignAttention: ${loss.name} averages over the whole batch and lacks keptEntries; give it, or train without splitting the batch`);
  }
  return loss.batchDistance(attention, heatmap, split && kept && { parts: split.parts, kept });
}

/**
 * L_align (§3.3): draws D's attention on generated images to the heatmaps they were generated from, by changing G alone.
 *
 * The distances of all targets are summed. The attention's weights are constants; the gradient reaches G through the features.
 *
 * @throws SpatialGANError 'CONFIG' when no heatmap feeds the resolution of a target.
 */
export function alignAttention(options: AlignAttentionOptions): GeneratorLoss<void> {
  const { loss, weight = 1 } = options;
  const { keptEntries } = loss;
  return {
    name: 'alignAttention',
    network: 'G',
    weight,
    compute(phase, { report, split }) {
      const distances = pairsOf(options, phase).map((pair) => {
        const distance = distanceOf(loss, pair, split);
        report(`Loss/G/align/${pair.target}`, distance);
        return distance;
      });
      const total = distances.reduce((a, b) => add(a, b));
      report('Loss/G/align', total);
      return { loss: total };
    },
    ...(keptEntries && {
      totals: (phase: GeneratorPhase) =>
        Object.fromEntries(pairsOf(options, phase).map(({ target, attention, heatmap }) => [target, keptEntries(attention, heatmap)])),
    }),
  };
}
