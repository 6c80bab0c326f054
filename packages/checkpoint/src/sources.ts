import { SpatialGANError, throwIfAborted } from '@spatialgan/core';

export interface ReadOptions {
  /** More than this is refused while it is read; 2 GiB by default. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** `total` is absent when the server does not say. */
  readonly onProgress?: (progress: { readonly done: number; readonly total?: number }) => void;
}

const tooLarge = (where: string, maxBytes: number): never => {
  throw new SpatialGANError('CHECKPOINT', `${where}: expected at most ${maxBytes} bytes, got more; raise maxBytes if you trust it`);
};

/** Puts chunks together, watching the limit and the signal. */
async function collect(where: string, chunks: ReadableStream<Uint8Array>, options: ReadOptions & { readonly total?: number }): Promise<Uint8Array> {
  const { maxBytes = 2 ** 31, signal, onProgress, total } = options;
  const parts: Uint8Array[] = [];
  let done = 0;
  const reader = chunks.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      throwIfAborted(signal, where);
      parts.push(next.value);
      done += next.value.length;
      if (done > maxBytes) tooLarge(where, maxBytes);
      onProgress?.({ done, ...(total !== undefined && { total }) });
    }
  } catch (cause) {
    await reader.cancel().catch(() => {});
    throw cause;
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Downloads a file with `fetch`.
 *
 * @throws SpatialGANError 'CHECKPOINT' when the answer is no success, is cut off or too large; 'ABORTED'.
 */
export async function readUrl(url: string | URL, options: ReadOptions = {}): Promise<Uint8Array> {
  const where = `readUrl ${String(url)}`;
  const { signal } = options;
  throwIfAborted(signal, where);
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok || !response.body) {
      throw new SpatialGANError('CHECKPOINT', `${where}: expected a file, got status ${response.status} ${response.statusText}`);
    }
    const stated = Number(response.headers.get('content-length') ?? Number.NaN);
    const total = stated > 0 && !response.headers.get('content-encoding') ? { total: stated } : {};
    const bytes = await collect(where, response.body, { ...options, ...total });
    if (total.total !== undefined && bytes.length !== total.total) {
      throw new SpatialGANError('CHECKPOINT', `${where}: expected ${total.total} bytes, got ${bytes.length}; try again`);
    }
    return bytes;
  } catch (cause) {
    throwIfAborted(signal, where);
    if (cause instanceof SpatialGANError) throw cause;
    throw new SpatialGANError('CHECKPOINT', `${where}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Reads a `File` or `Blob`, e.g. one that was dropped on a page.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is too large or cannot be read; 'ABORTED'.
 */
export async function readBlob(blob: Blob, options: ReadOptions = {}): Promise<Uint8Array> {
  const where = `readBlob ${'name' in blob ? String(blob.name) : ''}`.trim();
  throwIfAborted(options.signal, where);
  if (blob.size > (options.maxBytes ?? 2 ** 31)) tooLarge(where, options.maxBytes ?? 2 ** 31);
  try {
    return await collect(where, blob.stream() as ReadableStream<Uint8Array>, { ...options, total: blob.size });
  } catch (cause) {
    if (cause instanceof SpatialGANError) throw cause;
    throw new SpatialGANError('CHECKPOINT', `${where}: ${(cause as Error).message}`, { cause });
  }
}
