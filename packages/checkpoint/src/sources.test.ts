import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBlob, readUrl } from './sources.js';

let server: Server;
let base = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/model') response.end(Buffer.from('weights'));
    else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('only this', () => response.destroy());
    } else if (request.url === '/slow') response.write('x');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('a file is read from a url, a Blob and a File', async () => {
  const progress: unknown[] = [];
  const bytes = await readUrl(`${base}/model`, { onProgress: (at) => progress.push(at) });
  expect(new TextDecoder().decode(bytes)).toBe('weights');
  expect(progress).toEqual([{ done: 7, total: 7 }]);
  expect(await readBlob(new Blob(['weights']))).toEqual(bytes);
  expect(await readBlob(new File(['weights'], 'm.safetensors'))).toEqual(bytes);
});

test('what fails is named', async () => {
  await expect(readUrl(`${base}/none`)).rejects.toMatchObject({ code: 'CHECKPOINT', message: expect.stringContaining('status 404') as string });
  await expect(readUrl(`${base}/cut`)).rejects.toMatchObject({ code: 'CHECKPOINT' });
  await expect(readUrl('http://127.0.0.1:1/x')).rejects.toMatchObject({ code: 'CHECKPOINT' });
  await expect(readUrl(`${base}/model`, { maxBytes: 6 })).rejects.toThrow(/at most 6 bytes/);
  await expect(readBlob(new Blob(['weights']), { maxBytes: 6 })).rejects.toThrow(/at most 6 bytes/);
});

test('a download stops by its signal', async () => {
  const controller = new AbortController();
  const slow = readUrl(`${base}/slow`, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(slow).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(readUrl(`${base}/model`, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
});
