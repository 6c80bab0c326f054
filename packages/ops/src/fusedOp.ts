import {
  customGrad, engine, getGradient, getKernel, type GradConfig, type GradSaveFunc, type KernelConfig, type NamedAttrMap,
  registerGradient, registerKernel, type Tensor, tidy, unregisterKernel,
} from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';

/** What an op gives to its kernel: tensors by name, absent ones left out or null. */
export type OpInputs = Readonly<Record<string, Tensor | null | undefined>>;

/** An op that a backend may replace by one fast kernel. */
export interface FusableOp<A> {
  readonly kernelName: string;
  /** The plain form: what runs without a kernel, the reference for every kernel, and the source of its gradient. */
  readonly composite: (inputs: OpInputs, attrs: A) => Tensor;
  /** How a backend computes the gradient in one kernel, where nobody differentiates it in turn. */
  readonly gradient?: FusedGradient;
  /** The kernel keeps nothing for a gradient: with a tape on, the composite runs, piece by piece. */
  readonly inference?: true;
}

/** A first-order gradient as one kernel. */
export interface FusedGradient {
  readonly kernelName: string;
  /** The inputs of the op that the kernel reads besides `dy`; absent ones are left out. */
  readonly reads: readonly string[];
  /** The inputs of the op in the order in which their gradients are the kernel's outputs; absent ones are left out. */
  readonly of: readonly string[];
}

/** An op with a gradient of its own: its plain form runs as one kernel, so that the tape holds one node. */
export interface KernelOp<A> {
  readonly kernelName: string;
  /** The plain form, registered for a backend that has no kernel of that name. Its pieces are not taped. */
  readonly forward: (inputs: Readonly<Record<string, Tensor>>, attrs: A) => Tensor;
  readonly gradient: Pick<GradConfig, 'inputsToSave' | 'outputsToSave' | 'gradFunc'>;
}

const activeBackend = (): string => {
  const { backendName } = engine();
  if (backendName) return backendName;
  void engine().backend; // the getter initializes a backend that nobody has chosen yet
  return engine().backendName;
};

const runKernel = <T extends Tensor | Tensor[]>(name: string, inputs: Readonly<Record<string, Tensor>>, attrs: unknown): T =>
  engine().runKernel<T>(name, inputs as Record<string, Tensor>, attrs as NamedAttrMap);

/** Whether a tape is on: what runs now may be differentiated later. */
export const isTaping = (): boolean => engine().state.gradientDepth > 0;

/** Whether the active backend has a kernel of that name. */
export const hasKernel = (kernelName: string): boolean => Boolean(getKernel(kernelName, activeBackend()));

/**
 * Runs the active backend's kernel if it has one, else the composite, which is taped piece by piece.
 *
 * Differentiable like the composite, to any order, either way: the gradient of a kernel is the composite's VJP
 * recomputed from the inputs, unless the kernel's author registered a gradient under its name; where nothing listens to the
 * gradient it may be a kernel of its own.
 */
export function runFusable<T extends Tensor, A>(op: FusableOp<A>, inputs: OpInputs, attrs: A): T {
  const { kernelName, composite, gradient, inference } = op;
  if (!hasKernel(kernelName) || (inference && isTaping())) return tidy(() => composite(inputs, attrs)) as T;
  const names = Object.keys(inputs).filter((name) => inputs[name]);
  const named = (tensors: readonly Tensor[]): Record<string, Tensor> =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
  const given = names.map((name) => inputs[name]!);
  if (getGradient(kernelName)) return runKernel<T>(kernelName, named(given), attrs);
  return customGrad<Tensor>((...args) => {
    const save = args[names.length] as GradSaveFunc;
    save(given);
    return {
      value: runKernel<Tensor>(kernelName, named(args.slice(0, names.length) as Tensor[]), attrs),
      gradFunc: (dy, saved) => fusedGrads(gradient, { dy, ...named(saved) }, { names, attrs })
        ?? [...vjp(() => composite(named(saved), attrs), saved, dy).grads],
    };
  })(...given) as T;
}

/** The gradient by its own kernel, if there is one and no tape listens that would want to differentiate it. */
function fusedGrads(
  gradient: FusedGradient | undefined, inputs: Readonly<Record<string, Tensor>>, { names, attrs }: { readonly names: readonly string[]; readonly attrs: unknown },
): Tensor[] | null {
  if (!gradient) return null;
  const read = Object.fromEntries(['dy', ...gradient.reads].flatMap((name) => (inputs[name] ? [[name, inputs[name]] as const] : [])));
  const grads = runFirstOrder(gradient.kernelName, read, attrs);
  const given = gradient.of.filter((name) => names.includes(name));
  return grads && names.map((name) => grads[given.indexOf(name)]!);
}

/** Runs a kernel that nobody can differentiate; null where there is none or a tape is on. */
export const runFirstOrder = (kernelName: string, inputs: Readonly<Record<string, Tensor>>, attrs: unknown): Tensor[] | null =>
  (isTaping() || !hasKernel(kernelName) ? null : runKernel<Tensor[]>(kernelName, inputs, attrs));

/** Runs an op's kernel; registers its plain form and its gradient where there are none yet. */
export function runKernelOp<T extends Tensor, A>(op: KernelOp<A>, inputs: Readonly<Record<string, Tensor>>, attrs: A): T {
  const backendName = activeBackend();
  if (!getKernel(op.kernelName, backendName)) {
    registerKernel({
      kernelName: op.kernelName,
      backendName,
      kernelFunc: (call) => tidy(() => op.forward(call.inputs as Record<string, Tensor>, call.attrs as A)),
    });
  }
  if (!getGradient(op.kernelName)) registerGradient({ kernelName: op.kernelName, ...op.gradient });
  return runKernel<T>(op.kernelName, inputs, attrs);
}

/**
 * Registers a kernel in the place of one of that name, the plain form included. For backends and tests.
 */
export function replaceKernel(config: KernelConfig): void {
  if (getKernel(config.kernelName, config.backendName)) unregisterKernel(config.kernelName, config.backendName);
  registerKernel(config);
}
