import type { Backend } from '@spatialgan/core';
import { activateTfjs, assertSupported, optionalPeer } from './activateTfjs.js';

const load = () => optionalPeer(() => import('@tensorflow/tfjs-backend-cpu'));

/** Plain JavaScript: runs everywhere, is right, and is some twenty times slower than wasm. */
export function cpu(): Backend {
  const unsupportedReason = async (): Promise<string | null> =>
    ((await load()) ? null : '@tensorflow/tfjs-backend-cpu is not installed');
  return {
    name: 'cpu',
    unsupportedReason,
    activate: async () => {
      assertSupported('cpu', await unsupportedReason());
      return activateTfjs('cpu', { training: true, syncRead: true, floatBits: 32, maxBufferBytes: 2 ** 32 });
    },
  };
}
