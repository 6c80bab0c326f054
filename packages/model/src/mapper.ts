import { dispose, type Tensor, type Tensor2D, type Tensor3D, tidy } from '@tensorflow/tfjs-core';
import { type Plan, recordPlan } from '@spatialgan/backends/plan';
import type { Loaded, Mapped } from './requestTensors.js';

/** The mapping network of a loaded model. It owns its plan. */
export interface Mapper {
  /** z [1,zDim] → ws [1,L,wDim], the caller's. */
  map(z: Tensor2D, context: Mapped): Tensor3D;
  dispose(): void;
}

/**
 * Maps by a plan as soon as a truncation comes for the second time: ψ is a number of the recording, so that a slider's
 * every value would cost one. An encoder that changes latents by the layout is never planned.
 */
export function createMapper({ model: { generator, config }, G }: Loaded): Mapper {
  const plain: Mapper['map'] = (z, { psi, ...context }) => generator.map(G, z, { truncationPsi: psi, ...context });
  let known: { readonly psi: number; plan?: Plan | undefined } | undefined;
  const record = (z: Tensor2D, context: Mapped): Plan | undefined => {
    let made: Record<string, Tensor> = {};
    const plan = recordPlan((input) => (made = { ws: plain(input('z', z), { ...context, ...(context.c && { c: input('label', context.c) }) }) }));
    dispose(made);
    return 'refused' in plan ? undefined : plan;
  };
  return {
    map(z, context) {
      if (config.encoder?.kind === 'flatten') return plain(z, context);
      if (known?.psi !== context.psi) {
        known?.plan?.dispose();
        known = { psi: context.psi };
        return plain(z, context);
      }
      if (!known.plan) known.plan = record(z, context);
      const { plan } = known;
      if (!plan) return plain(z, context);
      plan.set('z', z);
      if (context.c) plan.set('label', context.c);
      return tidy(() => plan.run('ws') as Tensor3D);
    },
    dispose() {
      known?.plan?.dispose();
      known = undefined;
    },
  };
}
