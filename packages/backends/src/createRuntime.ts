import { backend as tfjsBackend } from '@tensorflow/tfjs-core';
import { type Backend, type BackendCapabilities, SpatialGANError } from '@spatialgan/core';
import { lossOfDevice, reviveLostBackend } from './lostDevice.js';

/** A backend that was not taken, and why. */
export interface Rejected {
  readonly name: string;
  readonly reason: string;
}

/** The backend that computes from now on. */
export interface Runtime {
  /** Its name. */
  readonly backend: string;
  readonly capabilities: BackendCapabilities;
  /** In words: why this one and none before it. */
  readonly reason: string;
  /** Those that come before it in the order of preference and do not run here. */
  readonly tried: readonly Rejected[];
  /** Resolves to the reason when the GPU device is lost, and never otherwise; `createRuntime` makes a new one then. */
  readonly lost: Promise<string>;
  /** tfjs keeps one backend for the whole program; this gives back nothing yet, and is safe to call twice. */
  dispose(): void;
}

const explain = (tried: readonly Rejected[]): string =>
  tried.length === 0 ? 'the first choice' : `after ${tried.map(({ name, reason }) => `${name} (${reason})`).join('; ')}`;

/**
 * Activates the first backend that works and says which and why.
 *
 * @throws SpatialGANError 'BACKEND_UNSUPPORTED' with every reason when none does, 'CONFIG' when none is given.
 */
export async function createRuntime({ prefer }: { readonly prefer: readonly Backend[] }): Promise<Runtime> {
  if (prefer.length === 0) throw new SpatialGANError('CONFIG', 'createRuntime: expected at least one backend, got none');
  const tried: Rejected[] = [];
  for (const backend of prefer) {
    const reason = await backend.unsupportedReason();
    if (reason !== null) {
      tried.push({ name: backend.name, reason });
      continue;
    }
    try {
      reviveLostBackend(backend.name);
      const capabilities = await backend.activate();
      const lost = lossOfDevice(tfjsBackend());
      return { backend: backend.name, capabilities, reason: explain(tried), tried, lost, dispose: () => {} };
    } catch (error) {
      tried.push({ name: backend.name, reason: (error as Error).message });
    }
  }
  const reasons = tried.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new SpatialGANError('BACKEND_UNSUPPORTED', `createRuntime: no backend works here: ${reasons}`);
}
