// What a person feels, measured in headless Chromium: npm run bench:editor [-- --model FILE] [--json FILE]
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { pageFolder, setup } from './buildPage.js';
import { launch, openStudio } from './servePage.js';

const EVENTS = 200;
const { values } = parseArgs({ options: { model: { type: 'string', default: 'models/avatars/model.safetensors' }, json: { type: 'string' } } });
const model = readFileSync(values.model);

/** What {@link watchPage} gathers. */
interface Watched {
  firstImage: number | undefined;
  readonly frames: number[];
  readonly longTasks: number[];
  /** Request numbers of the images in the order in which they were painted. */
  readonly painted: number[];
}
type Watching = typeof globalThis & { watched: Watched };

/** Runs in the page before its own script: frames' work, long tasks, and which request each painted image answers. */
function watchPage(): void {
  const watched: Watched = { firstImage: undefined, frames: [], longTasks: [], painted: [] };
  Object.assign(globalThis, { watched });
  new PerformanceObserver((list) => watched.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ['longtask'] });
  const idOf = new WeakMap<object, number>();
  const post = Worker.prototype.postMessage;
  const watchedWorkers = new WeakSet<Worker>();
  Worker.prototype.postMessage = function (this: Worker, ...message: unknown[]): void {
    if (!watchedWorkers.has(this)) {
      watchedWorkers.add(this);
      this.addEventListener('message', ({ data }: MessageEvent<{ id: number; result?: { pixels?: object } }>) => data.result?.pixels && idOf.set(data.result.pixels, data.id));
    }
    (post as (...all: unknown[]) => void).apply(this, message);
  };
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (this: CanvasRenderingContext2D, image: ImageData, ...at: number[]): void {
    const id = idOf.get(image.data);
    if (id !== undefined) watched.painted.push(id);
    watched.firstImage ??= id === undefined ? undefined : performance.now();
    (put as (...all: unknown[]) => void).call(this, image, ...at);
  };
  const ask = globalThis.requestAnimationFrame;
  globalThis.requestAnimationFrame = (paint) =>
    ask((now) => {
      const began = performance.now();
      paint(now);
      watched.frames.push(performance.now() - began);
    });
}

const quantile = (all: readonly number[], share: number): number => [...all].sort((a, b) => a - b)[Math.max(0, Math.ceil(all.length * share) - 1)] ?? 0;
const round = (value: number): number => Math.round(value * 10) / 10;
const settled = (page: Page): Promise<void> => page.locator('.stage[data-current=true][data-status=idle]').waitFor();
const read = <T>(page: Page, take: (watched: Watched) => T): Promise<T> =>
  page.evaluate(`(${take.toString()})(globalThis.watched)`) as Promise<T>;

/** 200 moves of the real mouse, 8 ms apart. */
async function drag(page: Page): Promise<number> {
  const box = (await page.locator('.handle[data-level="0"]').first().boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.evaluate(() => {
    const { watched } = globalThis as Watching;
    for (const list of [watched.frames, watched.longTasks, watched.painted]) list.length = 0;
  });
  const began = performance.now();
  for (let i = 1; i <= EVENTS; i++) {
    const angle = (2 * Math.PI * i) / 50;
    await page.mouse.move(x + 70 * Math.sin(angle), y + 50 * (1 - Math.cos(angle)));
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + 8 * i - performance.now())));
  }
  const seconds = (performance.now() - began) / 1000;
  await page.mouse.up();
  await settled(page);
  return seconds;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the processor. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds of processor time on the main thread of the busiest renderer, by task and by repaint: what others on the machine do not change. */
function mainThread(trace: Buffer): { readonly tasks: readonly number[]; readonly repaints: readonly number[] } {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const mains = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid}:${tid}`));
  const timesOf = (event: string, main: string): readonly number[] =>
    traceEvents.filter(({ name, ph, pid, tid }) => name === event && ph === 'X' && `${pid}:${tid}` === main).map(({ tdur = 0 }) => tdur / 1000);
  const [busiest = ''] = [...mains].sort((a, b) => timesOf('FireAnimationFrame', b).length - timesOf('FireAnimationFrame', a).length);
  return { tasks: timesOf('RunTask', busiest), repaints: timesOf('FireAnimationFrame', busiest) };
}

/** A stale frame shows an older request than one before it. */
const staleOf = (painted: readonly number[]): number => painted.filter((id, i) => i > 0 && id < Math.max(...painted.slice(0, i))).length;

async function measure(browser: Browser, isolated: boolean): Promise<Readonly<Record<string, number>>> {
  const { page } = await openStudio(browser, pageFolder, { width: 1280, height: 800, model, isolated, before: watchPage });
  await settled(page);
  const firstImage = (await read(page, (watched) => watched.firstImage)) ?? NaN;
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  const seconds = await drag(page);
  const { tasks, repaints } = mainThread(await browser.stopTracing());
  const { frames, longTasks, painted } = await read(page, (watched) => watched);
  await page.context().close();
  return {
    'first image, ms': Math.round(firstImage), 'repaint p50, ms': round(quantile(frames, 0.5)), 'repaint p95, ms': round(quantile(frames, 0.95)), 'its CPU ms': round(quantile(repaints, 0.95)),
    'tasks over 50 ms': longTasks.length, 'longest, ms': round(Math.max(0, ...longTasks)), 'most CPU ms of a task': round(Math.max(0, ...tasks)), 'frames': frames.length,
    'images a second': round(painted.length / seconds), 'stale frames': staleOf(painted),
  };
}

const BARS: Readonly<Record<string, number>> = { 'first image, ms': 2000, 'repaint p95, ms': 16, 'tasks over 50 ms': 0, 'stale frames': 0 };

/** One line for each bar that a run misses. */
function missed(results: Readonly<Record<string, Readonly<Record<string, number>>>>): readonly string[] {
  return Object.entries(results).flatMap(([run, figures]) =>
    Object.entries(BARS).filter(([figure, bar]) => !(figures[figure]! <= bar)).map(([figure, bar]) => `MISSED (${run}): ${figure}: at most ${bar}, got ${figures[figure]}`));
}

await setup();
const browser = await launch();
const results = {
  'wasm, one thread': await measure(browser, false),
  'wasm, threads': await measure(browser, true),
};
await browser.close();
console.table(results);
console.log(`${cpus().length} cores, load ${loadavg().map((l) => l.toFixed(1)).join(' ')}, ${values.model}; threads: with the headers of spatialgan edit`);
const failures = missed(results);
console.log(failures.length === 0 ? `all bars held: ${Object.entries(BARS).map(([figure, bar]) => `${figure} ≤ ${bar}`).join(', ')}` : failures.join('\n'));
if (failures.length > 0 && loadavg()[0]! > cpus().length + 1) console.log('the machine is busy: times by the clock count what others do; see the CPU ms');
if (values.json) writeFileSync(values.json, JSON.stringify(results, null, 2));
process.exitCode = failures.length === 0 ? 0 : 1;
