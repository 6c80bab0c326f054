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

/** A stale frame shows an older request than one before it. */
const staleOf = (painted: readonly number[]): number => painted.filter((id, i) => i > 0 && id < Math.max(...painted.slice(0, i))).length;

async function measure(browser: Browser, isolated: boolean): Promise<Readonly<Record<string, number>>> {
  const { page } = await openStudio(browser, pageFolder, { width: 1280, height: 800, model, isolated, before: watchPage });
  await settled(page);
  const firstImage = (await read(page, (watched) => watched.firstImage)) ?? NaN;
  const seconds = await drag(page);
  const { frames, longTasks, painted } = await read(page, (watched) => watched);
  await page.context().close();
  return {
    'first image, ms': Math.round(firstImage), 'repaint p50, ms': round(quantile(frames, 0.5)), 'repaint p95, ms': round(quantile(frames, 0.95)),
    'tasks over 50 ms': longTasks.length, 'longest task, ms': round(Math.max(0, ...longTasks)), 'frames': frames.length,
    'images a second': round(painted.length / seconds), 'stale frames': staleOf(painted),
  };
}

await setup();
const browser = await launch();
const results = {
  'wasm, one thread': await measure(browser, false),
  'wasm, threads (headers of spatialgan edit)': await measure(browser, true),
};
await browser.close();
console.table(results);
console.log(`${cpus().length} cores, load ${loadavg().map((l) => l.toFixed(1)).join(' ')}, ${values.model}; bars: repaint p95 ≤ 16 ms, no task over 50 ms, no stale frame, first image ≤ 2000 ms`);
if (values.json) writeFileSync(values.json, JSON.stringify(results, null, 2));
