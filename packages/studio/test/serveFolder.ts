import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { headersOf } from './servePage.js';

/** A server that can be switched off, and whose folder can change. */
export interface FolderServer {
  readonly url: string;
  /** Answers of its own by path, before the files. */
  readonly instead: Map<string, string | Uint8Array>;
  readonly asked: string[];
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Serves the built page as `spatialgan edit` does, with headers that let wasm use threads. */
export async function serveFolder(folder: string): Promise<FolderServer> {
  const instead = new Map<string, string | Uint8Array>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://any').pathname;
    asked.push(`${request.method} ${path}`);
    const file = join(folder, path === '/' ? 'index.html' : path);
    const body = instead.get(path);
    if (body === undefined && !existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, headersOf(file, true));
    if (request.method === 'HEAD') return void response.end();
    if (body !== undefined) return void response.end(body);
    void readFile(file).then((bytes) => response.end(bytes));
  });
  let port = 0;
  const start = (): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await start();
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}/`, instead, asked, start,
    stop: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}
