import type { Tensor } from '@tensorflow/tfjs-core';
import type { Rng } from '@spatialgan/core';

/** A stream that tells of the tensors it draws, so that they can be drawn from another seed. */
export interface RecordingRng {
  readonly rng: Rng;
  /** Whether numbers were drawn one by one, which are not told. */
  drewNumbers(): boolean;
  /** Draws the same tensors from another stream; `give` gets them by name and does not keep them. */
  again(fresh: Rng, give: (name: string, tensor: Tensor) => void): void;
}

/** @param tell gets each tensor with a name of its own and returns it. */
export function recordingRng(rng: Rng, tell: <T extends Tensor>(name: string, tensor: T) => T): RecordingRng {
  const log: { readonly name: string; readonly labels: readonly string[]; readonly kind: 'normalTensor' | 'uniformTensor'; readonly shape: readonly number[] }[] = [];
  let numbers = false;
  const listening = (stream: Rng, labels: readonly string[]): Rng => {
    const draw = (kind: 'normalTensor' | 'uniformTensor') => <T extends Tensor>(shape: readonly number[]): T => {
      const name = `noise ${log.length}: ${labels.join('/')}`;
      log.push({ name, labels, kind, shape });
      return tell(name, stream[kind]<T>(shape));
    };
    const number = (): Rng => {
      numbers = true;
      return stream;
    };
    return {
      uniform: () => number().uniform(),
      normal: () => number().normal(),
      integer: (bound) => number().integer(bound),
      split: (label, part) => listening(stream.split(label, part), [...labels, label]),
      normalTensor: draw('normalTensor'),
      uniformTensor: draw('uniformTensor'),
    };
  };
  return {
    rng: listening(rng, []),
    drewNumbers: () => numbers,
    again(fresh, give) {
      const streams = new Map<string, Rng>();
      for (const { name, labels, kind, shape } of log) {
        const key = labels.join('/');
        const stream = streams.get(key) ?? labels.reduce((from, label) => from.split(label), fresh);
        streams.set(key, stream);
        const tensor = stream[kind](shape);
        give(name, tensor);
        tensor.dispose();
      }
    },
  };
}
