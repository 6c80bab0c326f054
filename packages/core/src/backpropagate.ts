import { add, clone, engine, ones, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** One recorded operation of tfjs's tape. */
interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  /** Kept twins of what the gradient reads. */
  readonly saved: readonly Tensor[];
  readonly gradient?: (dys: readonly (Tensor | null)[]) => Readonly<Record<string, () => Tensor>>;
}

/** What tfjs's engine has but its types hide. */
interface Tape {
  readonly state: { gradientDepth: number; activeTape: TapeNode[] | null; readonly activeScope: { readonly id: number } | null };
  startTape(): void;
  endTape(): void;
  clone?: (x: Tensor) => Tensor;
  addTapeNode(name: string, inputs: object, outputs: readonly Tensor[], gradient: (dy: Tensor) => object, saved: readonly Tensor[], attrs: object): void;
}

const tape = (): Tape => engine() as unknown as Tape;

/** Saves a tensor for the backward pass: one tape node over the same memory. The engine's own way runs a kernel for each. */
function saved(x: Tensor): Tensor {
  const { backend } = engine();
  backend.incRef(x.dataId);
  const twin = engine().makeTensorFromDataId(x.dataId, x.shape, x.dtype, backend) as Tensor;
  tape().addTapeNode('saved', { x }, [twin], (dy) => ({ x: () => clone(dy) }), [], {});
  return twin;
}

/** Runs `f` on the tape and hands over what was recorded, even if `f` throws. */
function record<T extends Tensor>(f: () => T, take: (nodes: readonly TapeNode[]) => void): T {
  const own = tape();
  const outermost = own.state.gradientDepth === 0;
  own.startTape();
  if (outermost) own.clone = saved;
  try {
    return tidy('forward', f);
  } finally {
    if (outermost) delete own.clone;
    own.endTape();
    take(own.state.activeTape ?? []);
  }
}

interface Step {
  readonly node: TapeNode;
  /** The inputs that depend on the xs. */
  readonly inputs: readonly (readonly [name: string, input: Tensor])[];
}

/** The nodes between xs and y, last first. One pass each way, however many xs there are. */
function stepsBetween(nodes: readonly TapeNode[], xs: readonly Tensor[], y: Tensor): Step[] {
  const fromXs = new Set(xs.map(({ id }) => id));
  const steps: Step[] = [];
  for (const node of nodes) {
    const inputs = Object.entries(node.inputs).filter(([, input]) => fromXs.has(input.id));
    if (inputs.length === 0) continue;
    for (const { id } of node.outputs) fromXs.add(id);
    steps.push({ node, inputs });
  }
  const toY = new Set([y.id]);
  return steps.reverse().filter(({ node, inputs }) => {
    if (!node.outputs.some(({ id }) => toY.has(id))) return false;
    for (const [, { id }] of inputs) toY.add(id);
    return true;
  });
}

function checkGradient(node: TapeNode, [name, x]: readonly [string, Tensor], dx: Tensor): void {
  if (dx.dtype === 'float32' && dx.shape.length === x.shape.length && dx.shape.every((size, i) => size === x.shape[i])) return;
  throw new Error(
    `gradient of ${node.kernelName} by ${name}: expected float32 [${x.shape}], got ${dx.dtype} [${dx.shape}]; the gradient that is registered for it is wrong`,
  );
}

/** The cotangents of one node's inputs. */
function pullBack({ node, inputs }: Step, dys: readonly (Tensor | null)[]): readonly Tensor[] {
  if (!node.gradient) throw new Error(`no gradient is registered for ${node.kernelName}; call registerGradients() of @spatialgan/ops`);
  return tidy(() => {
    const gradients = node.gradient!(dys);
    return inputs.map(([name, x]) => {
      const dx = gradients[name]?.();
      if (!dx) throw new Error(`the gradient of ${node.kernelName} has no part for its input ${name}`);
      checkGradient(node, [name, x], dx);
      return dx;
    });
  });
}

/** Walks back; frees cotangents and, where `final`, saved tensors as soon as nothing needs them. */
function walkBack(steps: readonly Step[], cotangents: Map<number, Tensor>, { wanted, final }: { readonly wanted: ReadonlySet<number>; readonly final: boolean }): void {
  const scope = tape().state.activeScope!.id;
  const free = (t: Tensor | null | undefined): void => {
    if (t && t.scopeId === scope && !t.kept) t.dispose();
  };
  for (const step of steps) {
    const { node, inputs } = step;
    const dys = node.outputs.map(({ id }) => cotangents.get(id) ?? null);
    const spent: (Tensor | null)[] = [];
    pullBack(step, dys).forEach((dx, i) => {
      const { id } = inputs[i]![1];
      const before = cotangents.get(id);
      cotangents.set(id, before ? add(before, dx) : dx);
      if (before) spent.push(before, dx);
    });
    for (const { id } of node.outputs) {
      if (wanted.has(id)) continue;
      spent.push(cotangents.get(id) ?? null);
      cotangents.delete(id);
    }
    const held = new Set(inputs.map(([, { id }]) => cotangents.get(id)));
    for (const t of spent) if (!held.has(t!)) free(t);
    if (final) for (const t of node.saved) t.dispose();
  }
}

/** What {@link backpropagate} returns; absent where y does not depend on an x. */
export interface Backpropagated<T extends Tensor> {
  readonly value: T;
  readonly grads: readonly (Tensor | undefined)[];
}

/**
 * y = f() and the cotangents of xs, as tfjs's own `gradients` computes them, at any order, with less of everything: saved
 * tensors cost no kernel call, the search of the tape does not grow with the number of xs, and what the way back has used is
 * freed at once, not at its end.
 */
export function backpropagate<T extends Tensor>(f: () => T, xs: readonly Tensor[], dy?: T): Backpropagated<T> {
  const { state } = tape();
  const final = state.gradientDepth === 0;
  let nodes: readonly TapeNode[] = [];
  try {
    const value = record(f, (recorded) => (nodes = recorded));
    const steps = stepsBetween(nodes, xs, value);
    if (final) {
      const needed = new Set(steps.map(({ node }) => node));
      for (const node of nodes) if (!needed.has(node)) for (const t of node.saved) t.dispose();
    }
    return tidy('backward', () => {
      const cotangents = new Map<number, Tensor>([[value.id, dy ?? ones(value.shape)]]);
      walkBack(steps, cotangents, { wanted: new Set(xs.map(({ id }) => id)), final });
      return { value, grads: xs.map(({ id }) => cotangents.get(id)) };
    });
  } finally {
    if (final) {
      for (const node of nodes) for (const t of node.saved) t.dispose();
      state.activeTape = null;
    }
  }
}
