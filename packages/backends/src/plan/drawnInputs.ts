import type { Tensor } from '@tensorflow/tfjs-core';
import type { Rng } from '@spatialgan/core';
import type { DeclareInput } from './recordCalls.js';

/** A stream whose tensors are inputs of a plan, so that they can be drawn from another stream. */
export interface DrawnInputs {
  /** In place of the stream, for the function that is recorded. */
  readonly rng: Rng;
  /**
   * Whether the function drew numbers one by one, or named a part of the batch itself: what it did with them is fixed by the
   * recording, so that there can be no plan.
   */
  drewNumbers(): boolean;
  /** Draws the same tensors from another stream; `give` gets them by name and does not keep them. */
  again(fresh: Rng, give: (name: string, tensor: Tensor) => void): void;
}

interface Draw {
  readonly kind: 'normalTensor' | 'uniformTensor';
  readonly shape: readonly number[];
}

/** A drawn tensor: where its stream was split off, and what had been drawn from it before. */
interface DrawnInput {
  readonly labels: readonly string[];
  readonly draws: readonly Draw[];
}

const nameOf = (prefix: string, labels: readonly string[], draws: readonly Draw[]): string =>
  `${prefix}${labels.join('/')}: ${draws.map(({ kind, shape }) => `${kind} ${shape}`).join(', ')}`;

/**
 * Listens to a stream while a function is recorded. Streams split off by the same labels are the same stream, and what they
 * draw first, second, … is one input however often they are made.
 *
 * @param prefix begins the names of the inputs. Default 'drawn '.
 */
export function drawnInputs(rng: Rng, input: DeclareInput, prefix = 'drawn '): DrawnInputs {
  const drawn = new Map<string, DrawnInput>();
  let numbers = false;
  const listening = (stream: Rng, labels: readonly string[]): Rng => {
    const draws: Draw[] = [];
    const draw = (kind: Draw['kind']) => <T extends Tensor>(shape: readonly number[]): T => {
      draws.push({ kind, shape: [...shape] });
      const name = nameOf(prefix, labels, draws);
      drawn.set(name, { labels, draws: [...draws] });
      return input(name, stream[kind]<T>(shape));
    };
    const number = (): Rng => {
      numbers = true;
      return stream;
    };
    return {
      ...(stream.part && { part: stream.part }),
      uniform: () => number().uniform(),
      normal: () => number().normal(),
      integer: (bound) => number().integer(bound),
      split(label, part) {
        if (part) numbers = true;
        return listening(stream.split(label, part), [...labels, label]);
      },
      normalTensor: draw('normalTensor'),
      uniformTensor: draw('uniformTensor'),
    };
  };
  return {
    rng: listening(rng, []),
    drewNumbers: () => numbers,
    again(fresh, give) {
      const after = new Map<string, Rng>();
      for (const [name, { labels, draws }] of drawn) {
        const before = draws.slice(0, -1);
        const [{ kind, shape }] = draws.slice(-1) as [Draw];
        const place = nameOf(prefix, labels, before);
        const streamAt = (): Rng => {
          const stream = labels.reduce((from, label) => from.split(label), fresh);
          for (const draw of before) stream[draw.kind](draw.shape).dispose();
          return stream;
        };
        const stream = after.get(place) ?? streamAt();
        after.delete(place);
        const tensor = stream[kind](shape);
        after.set(name, stream);
        give(name, tensor);
        tensor.dispose();
      }
    },
  };
}
