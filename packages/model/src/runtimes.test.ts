import { engine } from '@tensorflow/tfjs-core';
import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { createRng, disposeParams, readParams } from '@spatialgan/core';
import { isSpatialGANError, type ModelRuntime, type RgbaImage, SpatialGANError } from '@spatialgan/schema';
import { runtimeCases } from '@spatialgan/schema/runtime-conformance';
import { beforeAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../test/tinyModel.js';
import { buildModel } from './buildModel.js';
import { createHttpRuntime, createRuntimeHandler } from './http/index.js';
import { createLocalRuntime } from './localRuntime.js';
import { createLossGuard } from './lossGuard.js';
import { type StoredModel, writeModel } from './modelFile.js';
import { presetConfig } from './presets.js';
import { createRecoveringRuntime } from './recoveringRuntime.js';
import { serveRuntime } from './worker.js';
import { createWorkerRuntime } from './workerClient.js';

let stored: StoredModel;
let conditional: StoredModel;
beforeAll(async () => {
  await createRuntime({ prefer: [wasm()] });
  stored = await tinyModel();
  conditional = await tinyModel(3);
});
const modelBytes = (model = stored): ArrayBuffer => writeModel(model).slice().buffer as ArrayBuffer;

const opened: { channel?: MessageChannel } = {};
async function openWorker(model = stored): Promise<ModelRuntime> {
  const { port1, port2 } = (opened.channel = new MessageChannel());
  serveRuntime(port1, { backends: [wasm()] });
  port1.start();
  port2.start();
  const runtime = await createWorkerRuntime(port2, { bytes: modelBytes(model) });
  const dispose = async (): Promise<void> => {
    await runtime.dispose();
    setTimeout(() => port1.close(), 100);
  };
  return Object.assign(Object.create(Object.getPrototypeOf(runtime) as object) as object, runtime, { dispose });
}
async function openHttp(model = stored): Promise<ModelRuntime> {
  const local = createLocalRuntime(model);
  const handle = createRuntimeHandler(local);
  const runtime = await createHttpRuntime('http://model.test/runtime', { fetch: (url, init) => handle(new Request(url as URL, init)) });
  return { ...runtime, dispose: () => runtime.dispose() };
}
const runtimes = {
  'in this thread': async (model = stored) => createLocalRuntime(model),
  'in a Worker': openWorker,
  'over HTTP': openHttp,
  'recovering, over a Worker': (model = stored) => createRecoveringRuntime({ open: () => openWorker(model) }),
};

describe.each(Object.entries(runtimes))('a runtime %s', (_name, open) => {
  for (const { name, run } of runtimeCases({ open: () => open() })) it(name, run);
  for (const { name, run } of runtimeCases({ open: () => open(conditional) }).filter(({ name }) => /label|preview|pixels/.test(name))) it(`of a conditional model: ${name}`, run);

  it('says how many labels a model reads, and none of others', async () => {
    for (const [model, labels] of [[stored, undefined], [conditional, 3]] as const) {
      const runtime = await open(model);
      expect(runtime.info.labels).toBe(labels);
      await runtime.dispose();
    }
  });
});

describe('the conformance suite', () => {
  const broken: Readonly<Record<string, (runtime: ModelRuntime) => Partial<ModelRuntime>>> = {
    'keeps the first image for ever': (runtime) => {
      const first = runtime.sampleLayout(1).then((layout) => runtime.synthesize({ layout, latent: { kind: 'seed', seed: 1 } }));
      return { synthesize: () => first };
    },
    'ignores its signal': (runtime) => ({ synthesize: (request) => runtime.synthesize(request) }),
    'goes on after dispose': () => ({ dispose: async () => {} }),
    'reads no label': (runtime) => ({ synthesize: ({ label: _dropped, ...request }, options) => runtime.synthesize(request, options) }),
    'sends smaller previews than it says': (runtime) => ({
      async synthesize(request, options) {
        const { pixels, width, height } = await runtime.synthesize(request, options);
        return options?.quality === 'preview' ? { pixels: pixels.slice(0, 4 * 64), width: 8, height: 8 } : { pixels, width, height };
      },
    }),
    'draws one layout for all seeds': (runtime) => ({ sampleLayout: () => runtime.sampleLayout(1) }),
  };
  it.each(Object.entries(broken))('finds out a runtime that %s', async (_what, change) => {
    const open = async (): Promise<ModelRuntime> => {
      const runtime = createLocalRuntime(conditional);
      return { ...runtime, ...change(runtime) };
    };
    const results = await Promise.allSettled(runtimeCases({ open }).map(({ run }) => run()));
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('recovery', () => {
  const lost = (): SpatialGANError => new SpatialGANError('BACKEND_LOST', 'gone');
  const image: RgbaImage = { pixels: new Uint8ClampedArray(4), width: 1, height: 1 };
  const fake = (synthesize: ModelRuntime['synthesize']): ModelRuntime => ({
    info: { name: 'fake', imgResolution: 1, heatmapResolutions: [4], maxRegions: 1, regionStyles: false },
    sampleLayout: async () => ({ version: 1, levels: [] }), synthesize, dispose: async () => {},
  });
  const request = { layout: { version: 1, levels: [] }, latent: { kind: 'seed', seed: 1 } } as const;

  it('opens the model once for all that failed together, and asks again', async () => {
    let opens = 0;
    const states: string[] = [];
    const open = async (): Promise<ModelRuntime> => (++opens === 1 ? fake(() => Promise.reject(lost())) : fake(async () => image));
    const runtime = await createRecoveringRuntime({ open, onRecovery: (state) => states.push(state) });
    expect(await Promise.all([1, 2, 3].map(() => runtime.synthesize(request)))).toEqual([image, image, image]);
    expect([opens, states]).toEqual([2, ['lost', 'recovered']]);
  });

  it('gives up after its retries, passes other errors on, and tries again at the next request', async () => {
    let opens = 0;
    const always = await createRecoveringRuntime({ open: async () => (opens++, fake(() => Promise.reject(lost()))) });
    await expect(always.synthesize(request)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
    expect(opens).toBe(3);
    const other = await createRecoveringRuntime({ open: async () => (opens++, fake(() => Promise.reject(new SpatialGANError('SHAPE', 'no')))) });
    await expect(other.synthesize(request)).rejects.toMatchObject({ code: 'SHAPE' });
    expect(opens).toBe(4);

    const results = [fake(() => Promise.reject(lost())), undefined, fake(async () => image)];
    const flaky = await createRecoveringRuntime({ open: async () => results.shift() ?? Promise.reject(new Error('no server')) });
    await expect(flaky.synthesize(request)).rejects.toThrow('no server');
    expect(await flaky.synthesize(request)).toBe(image);
  });

  it('turns a lost device and a trap of WebAssembly into BACKEND_LOST, also while reading never returns', async () => {
    let lose = (_reason: string): void => {};
    const guard = createLossGuard(new Promise((resolve) => (lose = resolve)));
    expect(await guard(async () => 5)).toBe(5);
    await expect(guard(() => Promise.reject(new WebAssembly.RuntimeError('unreachable')))).rejects.toMatchObject({ code: 'BACKEND_LOST' });
    await expect(guard(() => Promise.reject(new RangeError('mine')))).rejects.toThrow(RangeError);
    const hanging = guard(() => new Promise(() => {}));
    lose('unplugged');
    await expect(hanging).rejects.toMatchObject({ code: 'BACKEND_LOST', message: expect.stringContaining('unplugged') as string });
    await expect(guard(async () => 5)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
  });

  it('ends what waits for a worker that is no more, and disposes without it', async () => {
    const { port1, port2 } = new MessageChannel();
    serveRuntime(port1, { backends: [wasm()] });
    port1.start();
    port2.start();
    let end = (_reason: string): void => {};
    const runtime = await createWorkerRuntime(port2, { bytes: modelBytes() }, { ended: new Promise((resolve) => (end = resolve)) });
    const layout = await runtime.sampleLayout(1);
    port1.close();
    const waiting = runtime.synthesize({ ...request, layout });
    end('killed');
    await expect(waiting).rejects.toMatchObject({ code: 'BACKEND_LOST', message: 'worker: killed; open the model again' });
    await expect(runtime.sampleLayout(1)).rejects.toMatchObject({ code: 'BACKEND_LOST' });
    await runtime.dispose();
    port2.close();
  });
});

describe('a runtime over HTTP', () => {
  type Ask = (path: string, init?: RequestInit) => Promise<Response>;
  const withHandler = async (work: (ask: Ask, runtime: ModelRuntime) => Promise<void>, options = {}, change: Partial<ModelRuntime> = {}): Promise<void> => {
    const runtime = { ...createLocalRuntime(stored), ...change };
    const handle = createRuntimeHandler(runtime, options);
    await work((path, init) => handle(new Request(`http://model.test/runtime/${path}`, init)), runtime);
    await runtime.dispose();
  };
  const post = (body: string, type = 'application/json'): RequestInit => ({ method: 'POST', body, headers: { 'Content-Type': type } });

  it('refuses what it does not know, and bodies that are too large, without asking the model', () =>
    withHandler(async (ask) => {
      const statuses = await Promise.all([
        ask('secret'), ask('..%2finfo'), ask('info', post('{}')), ask('synthesize'), ask('synthesize', post('{}', 'text/plain')),
        ask('synthesize', post('{')), ask('synthesize', post('{}')), ask('layout?seed=-1'), ask('layout?seed=1e3'), ask('synthesize?quality=best', post('{}')), ask('synthesize', post(' '.repeat(2000))),
        ask('project', post('not an image', 'application/octet-stream')),
      ]);
      expect(statuses.map(({ status }) => status)).toEqual([404, 404, 405, 405, 415, 400, 400, 400, 400, 400, 413, 400]);
      expect(await statuses[6]!.json()).toMatchObject({ code: 'DATA', message: expect.stringContaining('latent: expected an object') as string });
    }, { maxBodyBytes: 1000 }, { synthesize: () => Promise.reject(new Error('asked')), project: () => Promise.reject(new Error('asked')) }));

  it('tells nothing of its insides', () =>
    withHandler(async (ask, runtime) => {
      const layout = await runtime.sampleLayout(1);
      const answer = await ask('synthesize', post(JSON.stringify({ layout, latent: { kind: 'seed', seed: 1 } })));
      expect([answer.status, await answer.text()]).toEqual([500, '{"code":null,"message":"the server failed; its console says why"}']);
    }, {}, { synthesize: () => Promise.reject(new Error('/home/me/secret')) }));

  it('turns away what is too much at a time, and answers when the model does not', async () => {
    const signals: AbortSignal[] = [];
    const hang: ModelRuntime['synthesize'] = (_request, options) => (signals.push(options!.signal!), new Promise(() => {}));
    await withHandler(async (ask, runtime) => {
      const body = JSON.stringify({ layout: await runtime.sampleLayout(1), latent: { kind: 'seed', seed: 1 } });
      const waiting = [1, 2].map(() => ask('synthesize', post(body)));
      const busy = await ask('info');
      expect([busy.status, busy.headers.get('Retry-After')]).toEqual([503, '1']);
      expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([503, 503]);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    }, { maxPending: 2, timeoutMs: 50 }, { synthesize: hang });
  });

  it('says which address does not answer, and what answers there instead', async () => {
    await expect(createHttpRuntime('http://127.0.0.1:1/x', { fetch: () => Promise.reject(new TypeError('fetch failed')) }))
      .rejects.toMatchObject({ code: 'BACKEND_LOST', message: 'open: could not reach http://127.0.0.1:1/x/; is the server running?' });
    await expect(createHttpRuntime('http://a.test', { fetch: async () => new Response('<html>') })).rejects.toMatchObject({ code: 'DATA' });
    await expect(createHttpRuntime('http://a.test', { fetch: async () => new Response('no', { status: 404 }) })).rejects.toThrow('http://a.test/ answered 404');
    const lying = await createHttpRuntime('http://a.test', {
      fetch: async (url) => (String(url).endsWith('info') ? new Response(JSON.stringify({ info: createLocalRuntime(stored).info })) : new Response('lies')),
    });
    const error = await lying.synthesize({ layout: { version: 1, levels: [{ resolutions: 'all', regions: [] }] }, latent: { kind: 'seed', seed: 1 } }).catch((e: unknown) => e);
    expect(isSpatialGANError(error, 'DATA')).toBe(true);
  });

  it('hands on how an image is asked for', async () => {
    const qualities: unknown[] = [];
    const local = createLocalRuntime(stored);
    const handle = createRuntimeHandler({ ...local, synthesize: (request, options) => (qualities.push(options?.quality), local.synthesize(request, options)) });
    const runtime = await createHttpRuntime('http://model.test/runtime', { fetch: (url, init) => handle(new Request(url as URL, init)) });
    const request = { layout: await runtime.sampleLayout(1), latent: { kind: 'seed', seed: 1 } } as const;
    for (const options of [{ quality: 'preview' }, { quality: 'final' }, {}] as const) await runtime.synthesize(request, options);
    expect(qualities).toEqual(['preview', 'final', 'final']);
  });

  it('leaks nothing over requests', async () => {
    const runtime = await openHttp();
    const layout = await runtime.sampleLayout(1);
    const latent = { kind: 'seed', seed: 1 } as const;
    await runtime.synthesize({ layout, latent }); // the plan and what it keeps
    const before = engine().state.numTensors;
    await runtime.synthesize({ layout: await runtime.sampleLayout(2), latent });
    await runtime.synthesize({ layout, latent }, { quality: 'preview' });
    expect(engine().state.numTensors).toBe(before);
  });

  it('answers with a smaller preview where a whole image is not ready in time, and says how small', async () => {
    const { model: config } = presetConfig('paper', { imgResolution: 32, channelBase: 256, channelMax: 16, latentDim: 16 });
    const G = buildModel(config).generator.init(createRng(1));
    const [hurried, patient] = await Promise.all([0, Infinity].map(async (previewMs) => createLocalRuntime({ config, G: await readParams(G) }, { previewMs, previewDecibels: -Infinity })));
    disposeParams(G);
    const request = { layout: await hurried!.sampleLayout(1), latent: { kind: 'seed', seed: 1 } } as const;
    const sides = async (runtime: ModelRuntime): Promise<number[]> => {
      const found: number[] = [];
      for (const quality of ['final', 'final', 'preview', 'preview', 'preview', 'final'] as const) found.push((await runtime.synthesize(request, { quality })).width);
      return found;
    };
    expect(hurried!.info.previewResolution).toBe(16);
    expect(await sides(hurried!)).toEqual([32, 32, 16, 16, 16, 32]);
    expect(await sides(patient!)).toEqual([32, 32, 32, 32, 32, 32]);
    await Promise.all([hurried!.dispose(), patient!.dispose()]);
  });

  it('holds no tensors when it is gone', async () => {
    const before = engine().state.numTensors;
    const runtime = createLocalRuntime(stored);
    const layout = await runtime.sampleLayout(1);
    for (const noise of ['const', { seed: 3 }] as const) await runtime.synthesize({ layout, latent: { kind: 'seed', seed: 1 }, noise });
    await runtime.attention!({ layout, latent: { kind: 'seed', seed: 2 } });
    await runtime.dispose();
    expect(engine().state.numTensors).toBe(before);
  });
});
