import type { TrainOptions } from '../src/trainOptions.js';

/** What `train` is given for a run that is done in a moment. */
export const tinyTrainOptions: TrainOptions = {
  data: 'photos', outdir: 'runs', resolution: 16, preset: 'paper', batch: 8, kimg: 1, seed: 4, backend: 'cpu', onBad: 'skip', mirror: false,
  latentDim: 16, channelMax: 16, lr: 0.002, alignWeight: 1, aug: 'noaug', augpipe: 'bgc', target: 0.6, tick: 1, snap: 1, checkpoint: 1, workers: 1,
};
