import type { AugmentPreset } from '@spatialgan/data/augment';
import type { DiscriminatorConfig, GeneratorConfig } from '@spatialgan/stylegan2';
import type { HierarchicalSamplerOptions, MultiObjectSamplerOptions, NoiseSamplerOptions } from '@spatialgan/heatmap';
import type { SelFlattenOptions, SelNormOptions, SiteOptions } from '@spatialgan/sel';

/** How heatmaps enter the generator (§4). Plain JSON. */
export type EncoderConfig =
  | ({ readonly kind: 'norm' } & SelNormOptions)
  | ({ readonly kind: 'concat' } & SiteOptions)
  | ({ readonly kind: 'flatten' } & SelFlattenOptions)
  | ({ readonly kind: 'indoor' } & SiteOptions);

/** What layouts a model was trained on (§3.2, §3.4). Plain JSON. */
export type SamplerConfig =
  | ({ readonly kind: 'hierarchical' } & HierarchicalSamplerOptions)
  | ({ readonly kind: 'independent' } & Omit<HierarchicalSamplerOptions, 'offsets' | 'sharedSpread'>)
  | ({ readonly kind: 'noise' } & NoiseSamplerOptions)
  | ({ readonly kind: 'multiObject' } & MultiObjectSamplerOptions);

/** All that determines the two networks and what feeds them. Plain JSON: it is stored with the weights. */
export interface ModelConfig {
  readonly name: string;
  readonly generator: Omit<GeneratorConfig, 'encoder' | 'heatmapChannels'>;
  readonly discriminator: DiscriminatorConfig;
  /** null: a plain StyleGAN2 that no layout steers. */
  readonly encoder: EncoderConfig | null;
  readonly sampler: SamplerConfig;
  readonly renderer: {
    readonly preset: 'paper' | 'reference';
    /** 'feature': coarse processing (§3.2); 'image': maps at image size (conference version). */
    readonly size: 'feature' | 'image';
  };
}

/** Alignment of D's attention with the heatmaps (§3.3, §3.4). */
export interface AlignmentConfig {
  readonly reading: 'paper' | 'reference';
  /** 'level': each map with its level's heatmap (Eq. 3); 'minimum': with the nearest region (Eq. 5). */
  readonly kind: 'level' | 'minimum';
  readonly weight: number;
  /** Differences below it count as zero. The paper's τ is 0.25. */
  readonly tau: number;
  /** D's blocks whose outputs are looked at. The paper's are b8, b16, b32: maps of 4×4, 8×8, 16×16. */
  readonly targets: readonly string[];
}

/** Random transforms of what D sees (§6). */
export interface AugmentConfig {
  /** ADA's name of the pipeline, e.g. `bgc`. */
  readonly pipe: AugmentPreset;
  /** Probability: fixed, or where ADA starts. */
  readonly p: number;
  /** Mean sign of D's logits on real images that ADA aims at; null keeps p. StyleGAN2-ADA's is 0.6. */
  readonly target: number | null;
}

/** How a model is trained (§6). Plain JSON. */
export interface TrainingConfig {
  readonly batch: number;
  readonly lrG: number;
  readonly lrD: number;
  /** γ of R1 and how often it is evaluated. */
  readonly r1: { readonly gamma: number; readonly interval: number };
  /** null: no path length regularization (the paper's runs). */
  readonly pathLength: { readonly weight: number; readonly interval: number } | null;
  readonly styleMixingProb: number;
  readonly ema: { readonly kimg: number; readonly rampup: number | null };
  readonly noiseMode: 'const' | 'random' | 'none';
  readonly alignment: AlignmentConfig | null;
  /** Absent or null: none, as in the paper's runs. */
  readonly augment?: AugmentConfig | null;
}
