import { avgPool, div, matMul, reshape, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, zerosLike } from '@tensorflow/tfjs-core';
import {
  coMoveRatio, createFeatureStatistics, estimateMean, type FeatureMatrix, type FeatureStatistics, frechetDistance, fromUint8, inceptionScore, kernelDistance,
  lerp, pathDistances, perceptualPathLength, precisionRecall, slerp, toUint8,
} from '@spatialgan/metrics';
import type { GoldenCase, Runner } from '../goldenCase.js';
import { toNchw } from '../pytorchLayout.js';
import { generatorOf } from '../pytorchNetworks.js';

function matrixOf(x: Tensor): FeatureMatrix {
  const [rows, dims] = x.shape as [number, number];
  return { rows, dims, values: x.dataSync() as Float32Array };
}

function statisticsOf(x: Tensor): FeatureStatistics {
  const { dims, values } = matrixOf(x);
  const statistics = createFeatureStatistics(dims);
  statistics.push(values);
  return statistics.result();
}

const fid: Runner = ({ inputs }) => {
  const [real, generated] = [statisticsOf(inputs['real']!), statisticsOf(inputs['gen']!)];
  return {
    fid: frechetDistance(real, generated),
    mu_real: real.mean, cov_real: real.covariance, mu_gen: generated.mean, cov_gen: generated.covariance,
  };
};

const kid: Runner = ({ inputs, args }) => {
  const { rows, dims: size, values } = matrixOf(inputs['idx']!);
  const row = (i: number): ArrayLike<number> => values.subarray(i * size, (i + 1) * size);
  const subsets = Array.from({ length: rows / 2 }, (_, s) => ({ generated: row(2 * s), real: row(2 * s + 1) }));
  if (subsets.length !== args.num_subsets) throw new Error(`kid: ${subsets.length} subsets, expected ${args.num_subsets}`);
  return { kid: kernelDistance(matrixOf(inputs['real']!), matrixOf(inputs['gen']!), { subsets }).value };
};

const pr: Runner = ({ inputs, args }) => {
  const { precision, recall } = precisionRecall(matrixOf(inputs['real']!), matrixOf(inputs['gen']!), { neighbors: args.nhood_size });
  return { precision, recall };
};

const score: Runner = ({ inputs, args }) => {
  const { mean, std } = inceptionScore(matrixOf(inputs['probs']!), { numSplits: args.num_splits });
  return { mean, std };
};

/** The case's generator with the noise images it brings. */
function pathGenerator({ args, inputs, weights }: GoldenCase) {
  const noise = Object.entries(inputs).flatMap(([name, value]) =>
    name.startsWith('noise_') && name.endsWith('noise_const')
      ? [[name.slice('noise_'.length), { shape: value.shape, data: value.dataSync() as Float32Array }] as const]
      : [],
  );
  const { model, params } = generatorOf({ net: 'nvidia', ctor: args.G }, { ...weights, ...Object.fromEntries(noise) });
  return {
    zDim: model.zDim,
    map: (z: Tensor2D) => model.map(params, z),
    synthesize: (ws: Parameters<typeof model.synthesize>[1]) => model.synthesize(params, ws, { heatmaps: new Map(), noiseMode: 'const' }),
  };
}

const pplSampler: Runner = async (golden) => {
  const { args, inputs } = golden;
  const distances = await pathDistances({
    generator: pathGenerator(golden),
    features: (images) => {
      const pooled = toNchw(avgPool(div<Tensor4D>(images, 255), args.pool, args.pool, 'valid'));
      return matMul(reshape(pooled, [images.shape[0], -1]), inputs['proj'] as Tensor2D);
    },
    z0: inputs['z0'] as Tensor2D,
    z1: inputs['z1'] as Tensor2D,
    t: (args.sampling === 'end' ? zerosLike(inputs['t']!) : inputs['t']) as Tensor1D,
    space: args.space, crop: args.crop, epsilon: args.epsilon,
  });
  return { dist: distances };
};

const interpolation: Runner = ({ inputs }) => {
  const [a, b, t] = [inputs['a'] as Tensor2D, inputs['b'] as Tensor2D, inputs['t'] as Tensor1D];
  return { slerp: slerp(a, b, t), lerp: lerp(a, b, t) };
};

const uint8: Runner = ({ inputs }) => {
  const u8 = toUint8(inputs['img']!.dataSync());
  return { u8, back: fromUint8(u8) };
};

const coMove: Runner = ({ inputs }) => {
  const offsets = (name: string) => {
    const { rows, values } = matrixOf(inputs[name]!);
    return Array.from({ length: rows }, (_, i) => ({ y: values[2 * i]!, x: values[2 * i + 1]! }));
  };
  const q = offsets('q');
  const ratio = offsets('p').map((p, i) => coMoveRatio(p, q[i]!));
  return { ratio, mean: estimateMean(ratio).mean };
};

export const runners: Readonly<Record<string, Runner>> = {
  fid, kid, precision_recall: pr, inception_score: score, ppl_sampler: pplSampler,
  ppl_aggregate: ({ inputs }) => ({ ppl: perceptualPathLength(inputs['dist']!.dataSync()) }),
  slerp: interpolation, image_uint8: uint8, 'paper.co_move_ratio': coMove,
};
