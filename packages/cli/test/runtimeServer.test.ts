import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createHttpRuntime } from '@spatialgan/model/http';
import { isSpatialGANError, type ModelRuntime } from '@spatialgan/schema';
import { runtimeCases } from '@spatialgan/schema/runtime-conformance';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEditServer, listenOn } from '../src/editServer.js';
import { foreignPage, hostPolicy } from '../src/hostPolicy.js';
import { createRateLimit } from '../src/rateLimit.js';
import { openServerModel } from '../src/serverModel.js';

const bytes = readFileSync(fileURLToPath(new URL('../../../models/avatars/model.safetensors', import.meta.url)));
const warnings: string[] = [];
let model: ModelRuntime;
let server: Server;
let url: string;
beforeAll(async () => {
  model = await openServerModel({ bytes, backend: 'wasm', warn: (text) => warnings.push(text) });
  server = createEditServer({ studio: '.', model: bytes, runtime: model });
  url = await listenOn(server, 0);
}, 60_000);
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await model.dispose();
});
afterEach(() => vi.restoreAllMocks());
const post = (headers: Readonly<Record<string, string>>, body = '{}') =>
  fetch(`${url}runtime/synthesize`, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } });

describe('a model that runs in a thread of the server, over HTTP', { timeout: 60_000 }, () => {
  for (const { name, run } of runtimeCases({ open: () => createHttpRuntime(`${url}runtime`) })) it(name, run);

  it('is told when a client goes away', async () => {
    const signals: AbortSignal[] = [];
    vi.spyOn(model, 'synthesize').mockImplementation((_request, options) => (signals.push(options!.signal!), new Promise(() => {})));
    const client = await createHttpRuntime(`${url}runtime`);
    const layout = await client.sampleLayout(1);
    const controller = new AbortController();
    const aborted = client.synthesize({ layout, latent: { kind: 'seed', seed: 1 } }, { signal: controller.signal }).catch((error: unknown) => error);
    await expect.poll(() => signals.length).toBe(1);
    controller.abort();
    expect(isSpatialGANError(await aborted, 'ABORTED')).toBe(true);
    await expect.poll(() => signals[0]!.aborted).toBe(true);
  });

  it('comes back after its thread has died, without the client noticing', async () => {
    const client = await createHttpRuntime(`${url}runtime`);
    const layout = await client.sampleLayout(1);
    const request = { layout, latent: { kind: 'seed', seed: 1 } } as const;
    const before = await client.synthesize(request);
    const broken = await openServerModel({ bytes, backend: 'wasm', warn: (text) => warnings.push(text) });
    const { Worker } = await import('node:worker_threads');
    // The thread is gone at the next message that it is sent.
    const send = vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(function (this: InstanceType<typeof Worker>) {
      void this.terminate();
    });
    expect((await broken.synthesize(request)).pixels).toEqual(before.pixels);
    expect(send).toHaveBeenCalled();
    expect(warnings).toEqual([expect.stringContaining('the model is lost and opened again'), 'the model is back']);
    await broken.dispose();
  });
});

describe('who may ask the model', () => {
  it.each([
    [{ Origin: 'http://evil.example' }, 403], [{ Origin: 'null' }, 403], [{ 'Sec-Fetch-Site': 'cross-site' }, 403], [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-origin' }, 400], [{}, 400],
  ])('a page with %j is answered %i', async (headers: Record<string, string>, status) => {
    expect((await post(headers)).status).toBe(status);
  });

  it('its own page, by its origin', async () => {
    expect((await post({ Origin: url.slice(0, -1) })).status).toBe(400);
  });

  it('no one under another name', async () => {
    const sent = request(`${url}runtime/info`, { headers: { Host: 'evil.example' } }).end();
    const [{ statusCode }] = (await once(sent, 'response')) as [{ statusCode: number }];
    expect(statusCode).toBe(403);
    const asked = (host: string, header: string) => hostPolicy(host)({ headers: { host: header } } as never) === undefined;
    expect(['192.168.1.5:80', '[fe80::1]:80', 'localhost', 'box.lan'].map((header) => asked('box.lan', header))).toEqual([true, true, true, true]);
    expect(['evil.example', '192.168.1.5.evil.example', '', 'a b', '[::1'].map((header) => asked('0.0.0.0', header))).toEqual([false, false, false, false, false]);
    expect(asked('127.0.0.1', '192.168.1.5')).toBe(false);
    expect(foreignPage({ headers: { origin: 'http://box.lan', host: 'box.lan' } } as never)).toBeUndefined();
  });

  it('no one with a body that is too large, whether it says so or not', async () => {
    expect((await post({}, ' '.repeat(5 << 20))).status).toBe(413);
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString())).on('error', () => {});
    socket.write('POST /runtime/synthesize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let i = 0; i < 6; i++) socket.write(`100000\r\n${' '.repeat(1 << 20)}\r\n`);
    await expect.poll(() => answer.split('\r\n')[0]).toBe('HTTP/1.1 413 Payload Too Large');
    socket.destroy();
  });

  it('no one faster than the limit, each client for itself', () => {
    let now = 0;
    const mayAsk = createRateLimit({ perSecond: 10, burst: 3, now: () => now });
    expect([1, 2, 3, 4].map(() => mayAsk('a'))).toEqual([true, true, true, false]);
    expect(mayAsk('b')).toBe(true);
    now = 100;
    expect([mayAsk('a'), mayAsk('a')]).toEqual([true, false]);
  });

  it('is answered 429 past the limit', async () => {
    const strict = createEditServer({ studio: '.', model: bytes, runtime: model, rate: { perSecond: 0, burst: 1 } });
    const address = await listenOn(strict, 0);
    expect([(await fetch(`${address}runtime/info`)).status, (await fetch(`${address}runtime/info`)).status]).toEqual([200, 429]);
    strict.close();
    strict.closeAllConnections();
  });
});

it('refuses an address that is not this machine’s', async () => {
  await expect(listenOn(createEditServer({ studio: '.', model: bytes }), 0, '203.0.113.7')).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining('--host: expected an address of this machine') as string });
});
