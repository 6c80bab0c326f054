import { dispose, type Tensor } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, readParams } from '@spatialgan/core';
import { buildModel } from '@spatialgan/model';
import { exportGenerator, regionNumbers } from '@spatialgan/model/onnx';
import type { BenchConfiguration } from './configurations.js';
import type { Peer } from './pytorch.js';

interface OrtTensor {
  readonly data: unknown;
}

/** What this needs of onnxruntime; both packages have it. */
interface Ort {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<{ run(feeds: object): Promise<Readonly<Record<string, OrtTensor>>>; release(): Promise<void> }>;
  };
  readonly env: { readonly wasm?: { numThreads?: number }; logLevel?: string };
}

/** The configuration's generator as ONNX, of random parameters. */
async function graphOf({ run }: BenchConfiguration): Promise<{ bytes: Uint8Array; feeds: (ort: Ort) => Record<string, OrtTensor> }> {
  const { generator, sampler } = buildModel(run.model);
  const params = generator.init(createRng(1));
  const bytes = exportGenerator({ config: run.model, G: await readParams(params) });
  disposeParams(params);
  const z = createRng(2).normalTensor([1, generator.zDim]) as Tensor;
  const values = z.dataSync() as Float32Array;
  dispose(z);
  const regions = regionNumbers(sampler.sample(createRng(3)));
  return {
    bytes,
    feeds: ({ Tensor: T }) => ({
      z: new T('float32', values, [1, values.length]), psi: new T('float32', Float32Array.of(0.7), [1]),
      regions: new T('float32', Float32Array.from(regions), [1, regions.length / 6, 6]),
    }),
  };
}

/** One image by onnxruntime, on the exported generator. */
export async function startOnnx(
  name: 'onnxruntime-node' | 'onnxruntime-web', configuration: BenchConfiguration, threads: number,
): Promise<Peer<'image1'>> {
  let ort: Ort;
  try {
    const loaded = (await import(name)) as Ort & { default?: Ort };
    ort = loaded.InferenceSession ? loaded : loaded.default!;
  } catch (error) {
    return { reason: `${name}: ${(error as Error).message.split('\n')[0]}` };
  }
  if (ort.env.wasm && name === 'onnxruntime-web') ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  const { bytes, feeds } = await graphOf(configuration);
  const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'all', intraOpNumThreads: threads });
  const given = feeds(ort);
  return {
    label: `${name}, ${threads} threads`,
    pieces: { image1: async () => void (await session.run(given)) },
    dispose: () => void session.release(),
  };
}
