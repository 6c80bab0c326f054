import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEditServer, listenOn } from '../src/editServer.js';
import { temporaryFolder } from './callCli.js';

const model = Uint8Array.of(1, 2, 3, 250);
const cleanups: (() => Promise<void>)[] = [];
let server: Server;
let url: string;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Sends a request as it is written: no client here tidies its path or its Host. */
function ask(path: string, { method = 'GET', host = 'localhost', headers = {} } = {}): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { ...headers, Host: host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('error', reject).end();
  });
}

beforeAll(async () => {
  const home = await temporaryFolder((done) => cleanups.push(done));
  const studio = join(home, 'studio');
  await mkdir(join(studio, 'assets'), { recursive: true });
  await mkdir(join(home, 'studio-private'));
  await Promise.all([
    writeFile(join(studio, 'index.html'), '<title>studio</title>'), writeFile(join(studio, 'assets', 'app.js'), 'app()'),
    writeFile(join(home, 'secret.txt'), 'secret'), writeFile(join(home, 'studio-private', 'secret.txt'), 'secret'),
    symlink(join(home, 'secret.txt'), join(studio, 'link.txt')),
  ]);
  server = createEditServer({ studio, model });
  url = await listenOn(server, 0);
});
afterAll(async () => {
  server.close();
  await Promise.all(cleanups.map((done) => done()));
});

it('listens on loopback only, and says so when the port is taken', async () => {
  const { address, port } = server.address() as AddressInfo;
  expect(address).toBe('127.0.0.1');
  expect(url).toBe(`http://localhost:${port}/`);
  const second = createEditServer({ studio: '.', model });
  await expect(listenOn(second, port)).rejects.toMatchObject({ code: 'CONFIG', message: `--port: port ${port} is in use; give another one, or 0 for any` });
});

it('serves the page, its files and the model', async () => {
  const page = await ask('/');
  expect([page.status, page.body.toString(), page.headers['content-type']]).toEqual([200, '<title>studio</title>', 'text/html; charset=utf-8']);
  expect((await ask('/assets/app.js?v=1')).headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect([...(await ask('/model.safetensors')).body]).toEqual([...model]);
  const head = await ask('/model.safetensors', { method: 'HEAD' });
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '4', 0]);
});

it.each(['evil.example', 'evil.example:8642', 'localhost.evil.example', '127.0.0.1.evil.example', '192.168.0.7:8642', 'localhost:80@evil.example'])(
  'turns a page away that rebound its name to this machine: Host %j',
  async (host) => {
    const answer = await ask('/model.safetensors', { host });
    expect([answer.status, answer.body.includes(250)]).toEqual([403, false]);
  },
);

it('names its models by their hashes, and sends none that the page has', async () => {
  const { models, server: where } = JSON.parse((await ask('/models.json')).body.toString()) as { models: { sha256: string }[]; server?: string };
  expect([models, where]).toEqual([[{ name: 'model', url: 'model.safetensors', bytes: 4, sha256: createHash('sha256').update(model).digest('hex') }], undefined]);
  const again = await ask('/model.safetensors', { headers: { 'If-None-Match': `"${models[0]!.sha256}"` } });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

it.each(['localhost', 'localhost:8642', '127.0.0.1:1', '[::1]:8642'])('answers to Host %s', async (host) => {
  expect((await ask('/', { host })).status).toBe(200);
});

it.each([
  '/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/../../secret.txt', '/..%5csecret.txt', '//secret.txt', '/../studio-private/secret.txt',
  '/..%2fstudio-private%2fsecret.txt', '/link.txt', 'http://localhost/secret.txt', '/etc/passwd', '/%00', '/assets', '/no-such-file',
])('finds nothing outside the studio, nor folders: %s', async (path) => {
  const answer = await ask(path);
  expect([answer.status, answer.body.toString()]).toEqual([404, 'not found\n']);
});

it('answers 400 to a path that is none, and 405 to all but GET and HEAD', async () => {
  expect((await ask('/%zz')).status).toBe(400);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) expect([method, (await ask('/', { method })).status]).toEqual([method, 405]);
});

it('sends the same strict headers with every answer', async () => {
  const answers = [await ask('/'), await ask('/model.safetensors'), await ask('/nothing'), await ask('/', { method: 'POST' }), await ask('/', { host: 'evil.example' })];
  for (const { headers } of answers) {
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-inline');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
});
