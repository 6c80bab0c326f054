import { SpatialGANError } from '@spatialgan/schema';

/** The bytes at a URL, telling the share that has come, or undefined while its size is not known. */
export async function fetchModel(url: URL, onProgress: (share: number | undefined) => void): Promise<ArrayBuffer> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new SpatialGANError('DATA', `model: could not reach ${url.href}`, { cause });
  });
  if (!response.ok || !response.body) {
    throw new SpatialGANError('DATA', `model: expected a file at ${url.href}, got ${response.status} ${response.statusText}`);
  }
  const total = Number(response.headers.get('Content-Length')) || undefined;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let come = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    come += part.value.length;
    onProgress(total && Math.min(come / total, 1));
  }
  return new Blob(chunks).arrayBuffer();
}
