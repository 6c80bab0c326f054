import { SpatialGANError, throwIfAborted } from '@spatialgan/schema';

/** Bytes that have come, of how many; `total` is undefined while it is not known. */
export type DownloadProgress = (come: number, total: number | undefined) => void;

/** No model is larger; what is, is no model. */
const MAX_BYTES = 4 * 2 ** 30;

const unreachable = (url: URL, cause: unknown): SpatialGANError =>
  new SpatialGANError('DATA', `model: could not reach ${url.href}; check the address, and whether its server lets other pages read it (CORS)`, { cause });

const refused = (url: URL, { status, statusText }: Response): SpatialGANError =>
  new SpatialGANError('DATA', `model: expected a file at ${url.href}, got ${status}${statusText ? ` ${statusText}` : ''}`);

/** What tells one version of a file from another, from headers that every page may read. */
export const validatorOf = ({ headers }: Response): string =>
  ['ETag', 'Last-Modified', 'Content-Length'].map((name) => headers.get(name) ?? '').join('|');

/** The present version of a file, without the file; undefined when its server cannot be reached. */
export async function askValidator(url: URL, signal: AbortSignal | undefined): Promise<string | undefined> {
  const response = await fetch(url, { method: 'HEAD', cache: 'no-cache', ...(signal ? { signal } : {}) }).catch(() => undefined);
  return response?.ok ? validatorOf(response) : undefined;
}

/** The bytes at a URL. @throws SpatialGANError 'DATA' when there are none, 'ABORTED' when the signal fires. */
export async function fetchBytes(url: URL, onProgress: DownloadProgress, signal: AbortSignal | undefined): Promise<{ bytes: ArrayBuffer; validator: string }> {
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok || !response.body) throw refused(url, response);
    const total = Number(response.headers.get('Content-Length')) || undefined;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let come = 0;
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value);
      come += part.value.length;
      if (come > MAX_BYTES) throw new SpatialGANError('DATA', `model: expected at most 4 GiB at ${url.href}`);
      // A compressed answer is longer than its length says.
      onProgress(come, total && Math.max(total, come));
    }
    return { bytes: await new Blob(chunks).arrayBuffer(), validator: validatorOf(response) };
  } catch (error) {
    throwIfAborted(signal, 'model');
    throw error instanceof SpatialGANError ? error : unreachable(url, error);
  }
}
