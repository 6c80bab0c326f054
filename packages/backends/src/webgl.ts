import type { Backend } from '@spatialgan/core';
import { activateTfjs, assertSupported, optionalPeer } from './activateTfjs.js';

const load = () => optionalPeer(() => import('@tensorflow/tfjs-backend-webgl'));

/** WebGL: for browsers without WebGPU; 16-bit floats on some phones. Prefer wasm for training. */
export function webgl(): Backend {
  const unsupportedReason = async (): Promise<string | null> => {
    if (typeof OffscreenCanvas === 'undefined' && typeof document === 'undefined') return 'there is no canvas here';
    return (await load()) ? null : '@tensorflow/tfjs-backend-webgl is not installed';
  };
  return {
    name: 'webgl',
    unsupportedReason,
    activate: async () => {
      assertSupported('webgl', await unsupportedReason());
      await load();
      const { env } = await import('@tensorflow/tfjs-core');
      const capabilities = await activateTfjs('webgl', { training: true, syncRead: true, floatBits: 32, maxBufferBytes: 2 ** 28 });
      return env().getBool('WEBGL_RENDER_FLOAT32_ENABLED') ? capabilities : { ...capabilities, training: false, floatBits: 16 };
    },
  };
}
