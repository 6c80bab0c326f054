import { dispose, keep, type Tensor, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type BatchPart, flattenParams, type GeneratorPhase, type LossPlugin, type NamedTensors, type ParamTree, type Rng } from '@spatialgan/core';
import { rowsOfPart } from './batchParts.js';
import type { OpenedPart, PassWatch } from './evaluatePart.js';
import { disposeGeneratorInputs, tensorsOfInputs } from './generatorInputs.js';
import { createDiscriminatorPhase, createGeneratorPhase, generate, type GeneratorInputs, once } from './phases.js';
import type { StepContext } from './trainStep.js';
import { type NetworkName, trainableOf } from './trainerState.js';

/** Steps from one evaluation of a loss to the next. */
export const intervalOf = (loss: LossPlugin): number => loss.interval ?? 1;

type Augment = ((images: Tensor4D) => Tensor4D) | undefined;

const augmentOf = ({ augmentation, rng }: StepContext, name: string, part?: BatchPart): Augment =>
  augmentation?.stream(rng.split(`augment:${name}`, part));

/** G's buffers (w_avg) after the codes of a training pass. */
function buffersAfter({ setup, state }: StepContext, ws: Tensor3D | undefined): NamedTensors {
  return (ws && setup.generator.updateBuffers?.(state.G, ws)) ?? new Map();
}

/** What both networks' evaluations have in common. */
function evaluationOf({ setup, state }: StepContext, network: NetworkName, { losses, gain, kimg }: Pick<OpenedPart, 'losses' | 'gain' | 'kimg'>) {
  return { losses, params: state[network], trainable: trainableOf(setup, network), states: state.losses, kimg, gain };
}

/** What is read of the state by a pass of either network. */
function tensorsOfState({ state }: StepContext, losses: readonly LossPlugin[]): [name: string, tensor: Tensor][] {
  const named = (prefix: string, tree: ParamTree): [string, Tensor][] => [...flattenParams(tree)].map(([path, leaf]) => [`${prefix} ${path}`, leaf]);
  const states = losses.flatMap(({ name }) => (state.losses.has(name) ? named(`state ${name}`, state.losses.get(name)!) : []));
  return [...named('G', state.G), ...named('D', state.D), ...states];
}

/** What is known of a part when it is opened. */
function opening({ state, augmentation }: StepContext, { name, losses }: PhaseCall): Pick<OpenedPart, 'name' | 'losses' | 'kimg' | 'gain' | 'recordable'> {
  // What transforms do follows from numbers that are drawn, and from p.
  const recordable = !augmentation && losses.every((loss) => loss.recordable !== false);
  return { name, losses, kimg: state.images / 1000, gain: intervalOf(losses[0]!), recordable };
}

/** What a phase is opened for: a whole batch or a part of it. */
export interface PhaseCall {
  readonly name: string;
  readonly losses: readonly LossPlugin[];
  /** Images of the batch or part. */
  readonly count: number;
  readonly part?: BatchPart | undefined;
}

/** Opens a part for G's losses. */
export function openGenerator(context: StepContext, call: PhaseCall): OpenedPart {
  const { setup, state } = context;
  const { name, losses, count, part } = call;
  const inputs = context.draw(name, count, part);
  const opened = opening(context, call);
  return {
    ...opened,
    tensors: once(() => new Map([...tensorsOfState(context, losses), ...tensorsOfInputs(inputs)])),
    streams: { inputs: () => inputs.rng },
    begin: (watch) => ({
      evaluation: {
        ...evaluationOf(context, 'G', opened),
        open: () => {
          const rng = watch?.rng('inputs', inputs.rng) ?? inputs.rng;
          const networks = { ...setup, G: state.G, D: state.D, augment: augmentOf(context, name, part) };
          const { phase, observed } = createGeneratorPhase(networks, { ...inputs, rng });
          return { phase: watch ? withoutLayouts(phase, watch) : phase, keep: () => ({ ws: observed() }) };
        },
      },
      buffers: ({ ws }) => buffersAfter(context, ws as Tensor3D | undefined),
      dispose: () => {},
    }),
    dispose: () => disposeGeneratorInputs(inputs),
  };
}

/** A phase whose layouts, which are numbers, are not to be read. */
function withoutLayouts(phase: GeneratorPhase, { refuse }: PassWatch): GeneratorPhase {
  const get = (): GeneratorPhase['layouts'] => {
    refuse('a loss reads the layouts');
    return phase.layouts;
  };
  return Object.defineProperty({ ...phase }, 'layouts', { get, enumerable: true });
}

/** Images that D looks at beside real ones, made at most once. */
function createFakes(context: StepContext, draw: () => GeneratorInputs, watch: PassWatch | undefined) {
  let made: { images: Tensor4D; unmixedWs: Tensor3D } | undefined;
  return {
    images(): Tensor4D {
      made ??= generateOutsideTape(context, draw(), watch);
      return made.images;
    },
    ws: () => made?.unmixedWs,
    dispose: () => made && dispose([made.images, made.unmixedWs]),
  };
}

/** Opens a part for D's losses. */
export function openDiscriminator(context: StepContext, call: PhaseCall): OpenedPart {
  const { setup, state, batch } = context;
  const { name, losses, count, part } = call;
  const real = part ? rowsOfPart(batch.images, part) : batch.images;
  const labels = batch.labels && part ? rowsOfPart(batch.labels, part) : batch.labels;
  let inputs: GeneratorInputs | undefined;
  const draw = (): GeneratorInputs => (inputs ??= context.draw(name, count, part));
  // A main phase looks at generated images; a lazy one (R1) does not, and must not pay for them.
  const generates = intervalOf(losses[0]!) === 1;
  if (generates) draw();
  const opened = opening(context, call);
  const loss = (): Rng => context.rng.split(name, part);
  return {
    ...opened,
    tensors: once(() => new Map([
      ...tensorsOfState(context, losses), ['real', real], ...(labels ? [['labels', labels] as const] : []), ...(inputs ? tensorsOfInputs(inputs) : []),
    ])),
    streams: { loss, ...(inputs && { inputs: () => inputs!.rng }) },
    begin(watch) {
      const fakes = createFakes(context, () => {
        if (!generates) watch?.refuse('a lazy loss of D looks at generated images');
        return draw();
      }, watch);
      if (generates) fakes.images();
      return {
        evaluation: {
          ...evaluationOf(context, 'D', opened),
          open: () => ({
            phase: createDiscriminatorPhase(
              { discriminator: setup.discriminator, D: state.D, augment: augmentOf(context, name, part) },
              { real, ...(labels ? { c: labels, fakeC: labels } : {}), fake: fakes.images, rng: watch?.rng('loss', loss()) ?? loss() },
            ),
          }),
        },
        buffers: () => buffersAfter(context, fakes.ws()),
        dispose: fakes.dispose,
      };
    },
    dispose: () => {
      if (inputs) disposeGeneratorInputs(inputs);
      if (part) dispose([real, ...(labels ? [labels] : [])]);
    },
  };
}

function generateOutsideTape({ setup, state }: StepContext, inputs: GeneratorInputs, watch: PassWatch | undefined): { images: Tensor4D; unmixedWs: Tensor3D } {
  return tidy(() => {
    const { images, unmixedWs } = generate(setup.generator, state.G, { ...inputs, rng: watch?.rng('inputs', inputs.rng) ?? inputs.rng });
    // A lazy loss may ask for them within its own scope.
    return { images: keep(images), unmixedWs: keep(unmixedWs) };
  });
}
