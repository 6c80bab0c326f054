import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { SpatialGANError } from '@spatialgan/core';
import { createRuntimeHandler } from '@spatialgan/model/http';
import type { ModelRuntime } from '@spatialgan/schema';
import { answerFetch } from './answerFetch.js';
import { foreignPage, hostPolicy, isLoopback } from './hostPolicy.js';
import { createRateLimit, type RateLimitOptions } from './rateLimit.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
};

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " +
    "worker-src 'self' blob:; connect-src 'self' blob: data: https: http://localhost:* http://127.0.0.1:*; object-src 'none'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
};

/** A model that the page's picker offers. */
export interface ServedModel {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What {@link createEditServer} serves. */
export interface EditServerOptions {
  /** Folder of the studio's files. */
  readonly studio: string;
  /** The model's file, served as /model.safetensors. */
  readonly model: Uint8Array;
  /** Its name in the picker. Default 'model'. */
  readonly name?: string;
  /** Further models for the picker, served as /models/0.safetensors and so on. */
  readonly others?: readonly ServedModel[];
  /** The model running here, served under /runtime/; the caller's. */
  readonly runtime?: ModelRuntime;
  /** The address that will be listened on; decides whose Host headers are answered. Default loopback. */
  readonly host?: string;
  /** Of requests to the model. Default 240 a second, 480 at once, for each client. */
  readonly rate?: RateLimitOptions;
}

/** Bytes in memory under a path. */
interface Resource {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly etag: string;
}
const resourceOf = (type: string, bytes: Uint8Array): Resource => ({ type, bytes, etag: `"${createHash('sha256').update(bytes).digest('hex')}"` });

/** What the page asks first: the models it offers, the first one open, and where the model runs if not in the page. */
function resourcesOf({ model, name = 'model', others = [], runtime }: EditServerOptions): ReadonlyMap<string, Resource> {
  const files = [{ name, bytes: model, url: 'model.safetensors' }, ...others.map((other, i) => ({ ...other, url: `models/${i}.safetensors` }))];
  const resources = new Map(files.map(({ url, bytes }) => [`/${url}`, resourceOf('application/octet-stream', bytes)]));
  const models = files.map(({ name: title, url, bytes }) => ({ name: title, url, bytes: bytes.length, sha256: resources.get(`/${url}`)!.etag.slice(1, -1) }));
  const manifest = JSON.stringify({ models, ...(runtime ? { server: 'runtime/' } : {}) });
  return resources.set('/models.json', resourceOf('application/json', new TextEncoder().encode(manifest)));
}

async function fileWithin(root: string, pathname: string): Promise<string | undefined> {
  const home = await realpath(root);
  const path = await realpath(join(home, pathname === '/' ? 'index.html' : pathname)).catch(() => undefined);
  if (path === undefined || !path.startsWith(home + sep)) return undefined;
  return (await stat(path)).isFile() ? path : undefined;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

function sendResource(request: IncomingMessage, response: ServerResponse, { type, bytes, etag }: Resource): void {
  const headers = { ...HEADERS, 'Content-Type': type, ETag: etag };
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304, headers).end();
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

async function sendFile(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const headers = { ...HEADERS, 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', 'Content-Length': (await stat(path)).size };
  response.writeHead(200, headers);
  if (request.method === 'HEAD') response.end();
  else createReadStream(path).on('error', () => response.destroy()).pipe(response);
}

/** A server of the studio, its models and, if there is one, a model that runs here. It does not listen yet; see {@link listenOn}. */
export function createEditServer(options: EditServerOptions): Server {
  const { studio, runtime, host = '127.0.0.1', rate = { perSecond: 240, burst: 480 } } = options;
  const resources = resourcesOf(options);
  const turnedAway = hostPolicy(host);
  const mayAsk = createRateLimit(rate);
  const handle = runtime && createRuntimeHandler(runtime);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const stranger = turnedAway(request);
    if (stranger !== undefined) return refuse(response, 403, stranger);
    const pathname = decodeURIComponent((request.url ?? '/').split('?', 1)[0]!);
    if (handle && pathname.startsWith('/runtime/')) {
      const foreign = foreignPage(request);
      if (foreign !== undefined) return refuse(response, 403, foreign);
      if (!mayAsk(request.socket.remoteAddress ?? '')) return refuse(response, 429, 'too many requests; ask more slowly');
      return answerFetch(request, response, { handle, headers: HEADERS });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'expected GET or HEAD');
    const resource = resources.get(pathname);
    if (resource) return sendResource(request, response, resource);
    const path = await fileWithin(studio, pathname);
    return path === undefined ? refuse(response, 404, 'not found') : sendFile(request, response, path);
  };
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16_384 }, (request, response) => {
    answer(request, response).catch(() => {
      if (response.headersSent || response.destroyed) response.destroy();
      else refuse(response, 400, 'bad request');
    });
  });
  server.maxConnections = 256;
  return server;
}

/**
 * Listens on one address, by default this machine's own.
 *
 * @returns the page's address.
 * @throws SpatialGANError 'CONFIG' when the address cannot be had.
 */
export async function listenOn(server: Server, port: number, host = '127.0.0.1'): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
      throw new SpatialGANError('CONFIG', `--host: expected an address of this machine, got '${host}'`, { cause });
    }
    const reason = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened: ${cause.message}`;
    throw new SpatialGANError('CONFIG', `--port: port ${port} ${reason}; give another one, or 0 for any`, { cause });
  });
  const name = isLoopback(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${(server.address() as AddressInfo).port}/`;
}
