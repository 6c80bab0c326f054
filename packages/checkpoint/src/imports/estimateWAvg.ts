import { createRng, type ParamData } from '@spatialgan/core';

/** How many latents the mean is taken over. */
export const wAvgSamples = 1024;

const lrelu = (x: number): number => (x > 0 ? x : 0.2 * x) * Math.SQRT2;

/**
 * The mean of w over seeded latents, for files that do not keep it: the mapping network in float64, unconditional, lrelu, lrMultiplier 0.01.
 *
 * @param arrays mapping.fc*.{weight [out,in], bias}, PyTorch's.
 */
export function estimateWAvg(arrays: Readonly<Record<string, ParamData>>, numLayers: number): ParamData {
  const layers = Array.from({ length: numLayers }, (_, i) => {
    const { shape, data } = arrays[`mapping.fc${i}.weight`]!;
    return { inputs: shape[1]!, out: shape[0]!, weight: data, bias: arrays[`mapping.fc${i}.bias`]!.data, gain: 0.01 / Math.sqrt(shape[1]!) };
  });
  const rng = createRng(0).split('wAvg');
  const sum = new Float64Array(layers.at(-1)!.out);
  for (let n = 0; n < wAvgSamples; n++) {
    let x = Float64Array.from({ length: layers[0]!.inputs }, () => rng.normal());
    const scale = 1 / Math.sqrt(x.reduce((total, value) => total + value * value, 0) / x.length + 1e-8);
    x = x.map((value) => value * scale);
    for (const { inputs, out, weight, bias, gain } of layers) {
      const y = new Float64Array(out);
      for (let o = 0; o < out; o++) {
        let total = 0;
        for (let i = 0, at = o * inputs; i < inputs; i++, at++) total += weight[at]! * x[i]!;
        y[o] = lrelu(total * gain + 0.01 * bias[o]!);
      }
      x = y;
    }
    for (let i = 0; i < sum.length; i++) sum[i]! += x[i]!;
  }
  return { shape: [sum.length], data: Float32Array.from(sum, (value) => value / wAvgSamples) };
}
