import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { SpatialGANError } from '@spatialgan/core';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; " +
    "worker-src 'self' blob:; connect-src 'self' blob: data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cache-Control': 'no-cache',
};

/** What {@link createEditServer} serves. */
export interface EditServerOptions {
  /** Folder of the studio's files. */
  readonly studio: string;
  /** The model's file, served as /model.safetensors. */
  readonly model: Uint8Array;
}

/** Host names that mean this machine: a page elsewhere that rebinds its name to it is turned away. */
const isLoopbackHost = (host: string | undefined): boolean => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host ?? '');

async function fileWithin(root: string, pathname: string): Promise<string | undefined> {
  const home = await realpath(root);
  const path = await realpath(join(home, pathname === '/' ? 'index.html' : pathname)).catch(() => undefined);
  if (path === undefined || !path.startsWith(home + sep)) return undefined;
  return (await stat(path)).isFile() ? path : undefined;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

async function answer(request: IncomingMessage, response: ServerResponse, { studio, model }: EditServerOptions): Promise<void> {
  if (!isLoopbackHost(request.headers.host)) return refuse(response, 403, 'this server answers to localhost only');
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'expected GET or HEAD');
  const pathname = decodeURIComponent((request.url ?? '/').split('?', 1)[0]!);
  const isModel = pathname === '/model.safetensors';
  const path = isModel ? undefined : await fileWithin(studio, pathname);
  if (!isModel && path === undefined) return refuse(response, 404, 'not found');
  const type = path === undefined ? 'application/octet-stream' : (TYPES[extname(path)] ?? 'application/octet-stream');
  const length = path === undefined ? model.length : (await stat(path)).size;
  response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': length });
  if (request.method === 'HEAD') response.end();
  else if (path === undefined) response.end(model);
  else createReadStream(path).on('error', () => response.destroy()).pipe(response);
}

/** A static server of the studio and one model. It does not listen yet; listen on loopback. */
export function createEditServer(options: EditServerOptions): Server {
  return createServer((request, response) => {
    answer(request, response, options).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 400, 'bad request');
    });
  });
}

/**
 * Listens on this machine only.
 *
 * @returns the page's address.
 * @throws SpatialGANError 'CONFIG' when the port cannot be had.
 */
export async function listenOnLoopback(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened: ${cause.message}`;
    throw new SpatialGANError('CONFIG', `--port: port ${port} ${reason}; give another one, or 0 for any`, { cause });
  });
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}
