import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';

/**
 * What a kernel may keep from one run of a call in a plan to the next; a kernel finds it as `kept` beside `inputs` and `attrs`.
 * Shapes and attributes of a call never change.
 */
export interface KeptByCall {
  /** Those of the call's inputs whose numbers never change. */
  readonly constants: ReadonlySet<TensorInfo>;
  /** The kernel's own. */
  value?: unknown;
  /** Set by the kernel: frees what it keeps. */
  dispose?: () => void;
}

/** What a kernel is called with, `kept` in a plan only. */
export type PlannedCall = Parameters<KernelConfig['kernelFunc']>[0] & { readonly kept?: KeptByCall };
