import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** Answers a request of node:http by a handler of the fetch standard; a client that goes away aborts `request.signal`. */
export async function answerFetch(
  incoming: IncomingMessage,
  response: ServerResponse,
  { handle, headers }: { readonly handle: (request: Request) => Promise<Response>; readonly headers: Readonly<Record<string, string>> },
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => !response.writableFinished && gone.abort());
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  const request = new Request(new URL(incoming.url!, 'http://localhost'), {
    method: incoming.method!,
    headers: Object.entries(incoming.headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit);
  const answer = await handle(request);
  // An answer that came before the whole body: the connection cannot be used again.
  const close = incoming.complete ? {} : { Connection: 'close' };
  response.writeHead(answer.status, { ...headers, ...Object.fromEntries(answer.headers), ...close });
  for await (const chunk of (answer.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal });
  }
  response.end();
}
