import { engine } from '@tensorflow/tfjs-core';

interface Pipeline {
  readonly label: string;
}

interface Pass {
  setPipeline(pipeline: Pipeline): void;
  dispatchWorkgroups(...groups: number[]): void;
}

interface Encoder {
  beginComputePass(descriptor?: object): Pass;
}

interface CountedDevice {
  createCommandEncoder(descriptor?: object): Encoder;
}

/** Dispatches of a piece, by the label of their pipeline. */
export type DispatchCount = ReadonlyMap<string, number>;

/** All dispatches of a count. */
export const totalOf = (count: DispatchCount): number => [...count.values()].reduce((a, b) => a + b, 0);

/**
 * Counts every dispatch of the current webgpu backend, tfjs's and ours.
 *
 * It listens at the device and needs no results, so Dawn's null adapter will do, which compiles shaders and runs none.
 *
 * @returns a function that runs a piece and counts it.
 */
export function countDispatches(): (piece: () => Promise<void>) => Promise<DispatchCount> {
  const { device } = engine().backend as unknown as { device: CountedDevice };
  let counts = new Map<string, number>();
  const create = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => listen(create(descriptor), ({ label }) => counts.set(label, (counts.get(label) ?? 0) + 1));
  return async (piece) => {
    counts = new Map();
    await piece();
    return counts;
  };
}

/** Tells of the pipeline of each dispatch. */
function listen(encoder: Encoder, onDispatch: (pipeline: Pipeline) => void): Encoder {
  const begin = encoder.beginComputePass.bind(encoder);
  encoder.beginComputePass = (descriptor) => {
    const pass = begin(descriptor);
    const [set, dispatch] = [pass.setPipeline.bind(pass), pass.dispatchWorkgroups.bind(pass)];
    let current: Pipeline = { label: '' };
    pass.setPipeline = (pipeline) => set(current = pipeline);
    pass.dispatchWorkgroups = (...groups) => {
      onDispatch(current);
      dispatch(...groups);
    };
    return pass;
  };
  return encoder;
}
