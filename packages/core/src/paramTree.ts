import { clone, type Tensor, tensor, zerosLike } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/schema';

/** Parameters are plain nested data, never tf.Variable; a leaf's dotted path is its name. */
export type ParamTree = Tensor | readonly ParamTree[] | { readonly [name: string]: ParamTree };

/** Leaves by dotted path, in the order of the tree. */
export type NamedTensors = ReadonlyMap<string, Tensor>;

/** Tells a leaf from a branch. */
export function isTensor(node: unknown): node is Tensor {
  return typeof node === 'object' && node !== null && 'dataId' in node && 'shape' in node;
}

const childrenOf = (node: ParamTree): readonly (readonly [string, ParamTree])[] =>
  Array.isArray(node)
    ? node.map((child: ParamTree, i) => [String(i), child] as const)
    : Object.entries(node as { readonly [name: string]: ParamTree });

/** Visits the leaves; paths read 'synthesis.b4.conv1.weight'. */
export function visitParams(tree: ParamTree, visit: (tensor: Tensor, path: string) => void, path = ''): void {
  if (isTensor(tree)) return visit(tree, path);
  for (const [name, child] of childrenOf(tree)) visitParams(child, visit, path ? `${path}.${name}` : name);
}

/** The leaves of a tree by path (borrowed, not copied). */
export function flattenParams(tree: ParamTree): Map<string, Tensor> {
  const leaves = new Map<string, Tensor>();
  visitParams(tree, (leaf, path) => leaves.set(path, leaf));
  return leaves;
}

/** A tree of the same structure with every leaf replaced. */
export function mapParams<P extends ParamTree>(tree: P, change: (tensor: Tensor, path: string) => Tensor, path = ''): P {
  if (isTensor(tree)) return change(tree, path) as unknown as P;
  const entries = childrenOf(tree).map(
    ([name, child]) => [name, mapParams(child, change, path ? `${path}.${name}` : name)] as const,
  );
  return (Array.isArray(tree) ? entries.map(([, child]) => child) : Object.fromEntries(entries)) as unknown as P;
}

/**
 * A tree like `tree` with the leaves named in `leaves` put in their place; the others are kept.
 *
 * @throws SpatialGANError 'CHECKPOINT' when a leaf has another shape than the one it replaces.
 */
export function withLeaves<P extends ParamTree>(tree: P, leaves: NamedTensors): P {
  return mapParams(tree, (leaf, path) => {
    const next = leaves.get(path);
    if (next && next.shape.join() !== leaf.shape.join()) {
      throw new SpatialGANError('CHECKPOINT', `${path}: expected shape [${leaf.shape}], got [${next.shape}]`);
    }
    return next ?? leaf;
  });
}

/**
 * Builds the nested tree that a list of dotted paths describes (objects only; '0', '1' stay keys).
 */
export function unflattenParams(leaves: NamedTensors): { readonly [name: string]: ParamTree } {
  type Branch = { [name: string]: Branch | Tensor };
  const root: Branch = Object.create(null) as Branch;
  for (const [path, leaf] of leaves) {
    const names = path.split('.');
    let at = root;
    for (const name of names.slice(0, -1)) at = (at[name] ??= Object.create(null) as Branch) as Branch;
    at[names[names.length - 1]!] = leaf;
  }
  return root as { readonly [name: string]: ParamTree };
}

/** Fresh tensors with the same values (sharing memory until written). The caller owns them. */
export function cloneParams<P extends ParamTree>(tree: P): P {
  return mapParams(tree, (leaf) => clone(leaf));
}

/** A tree of zeros like `tree`. The caller owns it. */
export function zerosLikeParams<P extends ParamTree>(tree: P): P {
  return mapParams(tree, (leaf) => zerosLike(leaf));
}

/** Frees every leaf. Idempotent. */
export function disposeParams(tree: ParamTree): void {
  visitParams(tree, (leaf) => leaf.dispose());
}

/** Number of scalars in a tree. */
export function countParams(tree: ParamTree): number {
  let count = 0;
  visitParams(tree, (leaf) => (count += leaf.size));
  return count;
}

/** Copies of a tree's values on the JavaScript side, by path; survives backends, workers and files. */
export interface ParamData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Reads every leaf back. Works on backends that cannot read synchronously. */
export async function readParams(tree: ParamTree): Promise<Map<string, ParamData>> {
  const leaves = flattenParams(tree);
  const read = [...leaves].map(async ([path, leaf]) => {
    const data = new Float32Array(await leaf.data<'float32'>());
    return [path, { shape: leaf.shape, data }] as const;
  });
  return new Map(await Promise.all(read));
}

/** Uploads {@link readParams}' result. The caller owns the tensors. */
export function tensorsOf(values: ReadonlyMap<string, ParamData>): Map<string, Tensor> {
  return new Map([...values].map(([path, { shape, data }]) => [path, tensor(data, [...shape])]));
}
