import { keep, type Tensor3D, tidy } from '@tensorflow/tfjs-core';
import type { LatentSpec } from '@spatialgan/schema';

const sameNumbers = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Whether two specifications name the same code, number by number. */
export function sameLatent(a: LatentSpec, b: LatentSpec): boolean {
  if (a.kind === 'seed') return b.kind === 'seed' && a.seed === b.seed;
  if (a.kind === 'z') return b.kind === 'z' && sameNumbers(a.z, b.z);
  if (a.kind === 'ws') return b.kind === 'ws' && sameNumbers(a.ws, b.ws);
  return b.kind === 'mix' && a.amount === b.amount && sameLatent(a.from, b.from) && sameLatent(a.to, b.to);
}

/** The codes that were mapped last. */
export interface KnownCodes {
  /**
   * The code of a latent, mapped only when it is not known: the same tensor for the same latent and context.
   *
   * @param context all else that the code depends on, as a text.
   */
  of(latent: LatentSpec, context: string, map: () => Tensor3D): Tensor3D;
  dispose(): void;
}

/** Remembers the last `size` codes; it owns their tensors, which live until they are forgotten. */
export function createKnownCodes(size: number): KnownCodes {
  let known: { readonly latent: LatentSpec; readonly context: string; readonly code: Tensor3D }[] = [];
  return {
    of(latent, context, map) {
      const index = known.findIndex((entry) => entry.context === context && sameLatent(entry.latent, latent));
      const entry = known[index] ?? { latent, context, code: keep(tidy(map)) };
      known = [entry, ...known.filter((_, i) => i !== index)];
      for (const { code } of known.splice(size)) code.dispose();
      return entry.code;
    },
    dispose() {
      for (const { code } of known) code.dispose();
      known = [];
    },
  };
}
