import { SpatialGANError } from '@spatialgan/schema';

/**
 * The bytes of a request or an answer, up to a limit: what is longer is not read to its end.
 *
 * @throws SpatialGANError 'DATA' when it is larger.
 */
export async function readBody(message: Request | Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = (): SpatialGANError => new SpatialGANError('DATA', `body: expected at most ${maxBytes} bytes, got one larger than that`);
  if (Number(message.headers.get('Content-Length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = (message.body as ReadableStream<Uint8Array<ArrayBuffer>> | null)?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader!.read()) {
    size += part.value.length;
    if (size > maxBytes) {
      await reader!.cancel();
      throw tooLarge();
    }
    chunks.push(part.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
