export { alignAttention, type AlignAttentionOptions } from './alignAttention.js';
export { averageRegions, type RegionSum, sumRegions } from './alignmentTarget.js';
export { l1Alignment, type L1AlignmentOptions } from './l1Alignment.js';
export { candidateDistances, minAlignment, rowMinimum, type MinAlignmentOptions } from './minAlignment.js';
export { nonSaturating, nonSaturatingDiscriminator, nonSaturatingGenerator } from './nonSaturating.js';
export { pathLength, type PathLengthOptions, type PathLengthState } from './pathLength.js';
export { r1, type R1Options } from './r1.js';
export { truncatedL1, type TruncatedL1Options, type Truncation } from './truncatedL1.js';
