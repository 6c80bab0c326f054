import { mean, square, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { createRng, type GeneratorModel, type HeatmapRenderer, type HeatmapSampler, type TrainerContext } from '@spatialgan/core';
import { batchStream, type ImageDataset } from '@spatialgan/data';
import { disposeGeneratorInputs, drawGeneratorInputs, generate } from '@spatialgan/trainer';

/** How far the mean colour of eight generated images is from that of eight real ones: a metric that a tutorial can afford. */
export function colorDistance(data: ImageDataset, parts: { readonly generator: GeneratorModel; readonly sampler: HeatmapSampler; readonly renderer: HeatmapRenderer }) {
  return async ({ params }: TrainerContext): Promise<number> => {
    const inputs = drawGeneratorInputs({ ...parts, styleMixingProb: 0, noiseMode: 'const' }, createRng(5), undefined, 8);
    const { images: real } = await batchStream(data, { batch: 8, seed: 5 }).next();
    const color = (images: Tensor): Tensor => mean(images, [0, 1, 2]);
    const distance = tidy(() => mean(square(sub(color(generate(parts.generator, params.gEma, inputs).images), color(real)))));
    disposeGeneratorInputs(inputs);
    real.dispose();
    const [value] = await distance.data();
    distance.dispose();
    return value!;
  };
}
