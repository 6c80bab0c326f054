import { engine, ready, setBackend } from '@tensorflow/tfjs-core';
import { type BackendCapabilities, SpatialGANError } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';

/**
 * Makes a loaded tfjs backend current and registers the gradients.
 *
 * @throws SpatialGANError 'BACKEND_UNSUPPORTED' when tfjs cannot initialize it.
 */
export async function activateTfjs(name: string, capabilities: BackendCapabilities): Promise<BackendCapabilities> {
  if (!(await setBackend(name))) {
    throw new SpatialGANError('BACKEND_UNSUPPORTED', `${name}: tfjs could not initialize its backend; see the warning above`);
  }
  await ready();
  registerGradients();
  return capabilities;
}

/** The current backend object, for the entry that has just activated it. */
export const currentBackend = <T>(): T => engine().backend as unknown as T;

/** Refuses with the reason, if there is one. */
export function assertSupported(name: string, reason: string | null): void {
  if (reason !== null) throw new SpatialGANError('BACKEND_UNSUPPORTED', `${name}: ${reason}`);
}

/** What an optional peer exports, wherever its CommonJS build puts it; null when it is not installed. */
export async function optionalPeer<T extends object>(load: () => Promise<T>): Promise<T | null> {
  try {
    const loaded = (await load()) as T & { default?: T };
    return { ...loaded.default, ...loaded };
  } catch (error) {
    if (isMissingModule(error)) return null;
    throw error;
  }
}

const isMissingModule = (error: unknown): boolean => {
  const { code, message } = error as { code?: string; message?: string };
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || /Failed to (resolve|fetch)|Cannot find (module|package)|Could not resolve/.test(message ?? '');
};
