import { type BuiltModel, buildModel, lossesOf, presetConfig, type RunConfig } from '@spatialgan/model';

/** Milliseconds of PyTorch with the authors' code on two cores of the reference machine, for orientation. */
export interface Orientation {
  readonly Gmain: number;
  readonly Dmain: number;
  readonly Dreg: number;
  readonly image1: number;
  readonly image16: number;
}

/** A fixed benchmark configuration. */
export interface BenchConfiguration {
  readonly name: string;
  readonly run: RunConfig;
  readonly pytorch: Orientation;
}

/** Reference SEL at every layer, z = w = 64, mapping 2, batch 16; alignment on. */
const reference = (imgResolution: number): RunConfig =>
  presetConfig('reference', { imgResolution, channelBase: 32 * imgResolution, channelMax: 64, latentDim: 64, mappingLayers: 2, batch: 16 });

/** R32 and R64, as the issue fixes them. */
export const configurations: readonly BenchConfiguration[] = [
  { name: 'R32', run: reference(32), pytorch: { Gmain: 501, Dmain: 187, Dreg: 103, image1: 16, image16: 79 } },
  { name: 'R64', run: reference(64), pytorch: { Gmain: 1330, Dmain: 562, Dreg: 333, image1: 35, image16: 360 } },
];

const paper = (imgResolution: number): RunConfig =>
  presetConfig('paper', { imgResolution, channelBase: 32 * imgResolution, channelMax: 64, latentDim: 64, batch: 16 });

/** Runs that two workers share, 32 images a step: what the command line trains without options (P), R32 and R64, and the networks of `--size auto` (A), of up to 512 channels. */
export const sharedRuns: Readonly<Record<string, RunConfig>> = {
  P32: paper(32), P64: paper(64), R32: reference(32), R64: reference(64), A32: presetConfig('paper', { imgResolution: 32, size: 'auto' }),
};

/** A configuration's networks and losses. */
export function assemble({ run }: Pick<BenchConfiguration, 'run'>): { readonly model: BuiltModel; readonly losses: ReturnType<typeof lossesOf> } {
  const model = buildModel(run.model);
  return { model, losses: lossesOf(run.training, model) };
}
