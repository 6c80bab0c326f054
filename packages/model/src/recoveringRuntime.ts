import { isSpatialGANError, SpatialGANError, type ModelRuntime, throwIfAborted } from '@spatialgan/schema';

/** Options of {@link createRecoveringRuntime}. */
export interface RecoveringRuntimeOptions {
  /** Opens the model anew: a new device, a new Worker, a new connection. */
  readonly open: () => Promise<ModelRuntime>;
  /** Told when the model is lost and opened again, and when it is back. */
  readonly onRecovery?: (state: 'lost' | 'recovered', error?: SpatialGANError) => void;
  /** How often one request is tried again. Default 2. */
  readonly retries?: number;
}

/** Freeing what is lost may fail or never end, and nothing depends on it. */
const letGo = (runtime: ModelRuntime): void => void runtime.dispose().catch(() => {});

/**
 * A runtime that outlives its GPU device, Worker or server: what fails with 'BACKEND_LOST' is asked again of a newly opened one.
 *
 * The document lies with the caller and is never touched. Requests that fail at the same time share one reopening.
 *
 * @throws SpatialGANError what `open` throws.
 */
export async function createRecoveringRuntime({ open, onRecovery, retries = 2 }: RecoveringRuntimeOptions): Promise<ModelRuntime> {
  let latest = await open();
  /** Under way while the model is opened again; all that wait share it. */
  let opening: Promise<ModelRuntime> | undefined;
  let disposed = false;
  const disposedError = (where: string): SpatialGANError => new SpatialGANError('DISPOSED', `${where}: the model is disposed; load it again`);

  const openAgain = async (lost: ModelRuntime, error: SpatialGANError): Promise<ModelRuntime> => {
    onRecovery?.('lost', error);
    letGo(lost);
    const next = await open();
    if (disposed) {
      letGo(next);
      throw disposedError('recovery');
    }
    latest = next;
    onRecovery?.('recovered');
    return next;
  };
  const reopen = async (lost: ModelRuntime, error: SpatialGANError): Promise<void> => {
    if (lost !== latest) return;
    // When opening fails, the next request tries again.
    opening ??= openAgain(lost, error).finally(() => (opening = undefined));
    await opening;
  };
  const call = async <T>(where: string, ask: (runtime: ModelRuntime) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      if (disposed) throw disposedError(where);
      throwIfAborted(signal, where);
      const runtime = await (opening ?? latest);
      try {
        return await ask(runtime);
      } catch (error) {
        if (disposed && isSpatialGANError(error, 'BACKEND_LOST')) throw disposedError(where);
        if (!isSpatialGANError(error, 'BACKEND_LOST') || attempt >= retries) throw error;
        await reopen(runtime, error);
      }
    }
  };
  return {
    get info() {
      return latest.info;
    },
    sampleLayout: (seed) => call('sampleLayout', (runtime) => runtime.sampleLayout(seed)),
    synthesize: (request, options) => call('synthesize', (runtime) => runtime.synthesize(request, options), options?.signal),
    ...(latest.attention ? { attention: (request) => call('attention', (runtime) => runtime.attention!(request)) } : {}),
    ...(latest.project ? { project: (photo, options) => call('project', (runtime) => runtime.project!(photo, options), options?.signal) } : {}),
    async dispose() {
      if (disposed) return;
      disposed = true;
      await latest.dispose();
    },
  };
}
