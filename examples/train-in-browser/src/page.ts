import { imageFilesDataset } from '@spatialgan/data/browser';
import { demoImages } from './demoImages.js';
import { drawLosses, lines } from './lossPlot.js';
import type { News, Order, RunSettings, Tick, Wanted } from './messages.js';
import { keptRun } from './runStore.js';

const resolution = 32;
const asked = new URLSearchParams(location.search).get('backend');
const wanted: Wanted = asked === 'webgpu' || asked === 'wasm' ? asked : undefined;
const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const [start, resume, pause, stop, download] = ['start', 'resume', 'pause', 'stop', 'download'].map((id) => byId<HTMLButtonElement>(id)) as [HTMLButtonElement, HTMLButtonElement, HTMLButtonElement, HTMLButtonElement, HTMLButtonElement];
const say = (id: 'chosen' | 'facts' | 'note', text: string): void => void (byId(id).textContent = text);
function fail(error: unknown): void {
  byId('error').textContent = error instanceof Error ? error.message : String(error);
  byId('error').hidden = false;
}

let images: readonly Uint8Array[] = [];
let ticks: Tick[] = [];
let goal = 1;
let worker: Worker | undefined;
let state: 'none' | 'training' | 'resting' | 'finished' = 'none';

const order = (message: Order): void => worker!.postMessage(message);

function rgba(pixels: Uint8Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
    image.data[i * 4 + 3] = 255;
  }
  return image;
}

function chose(chosen: readonly Uint8Array[], text: string): void {
  images = chosen;
  byId('error').hidden = true;
  const canvas = byId<HTMLCanvasElement>('preview');
  canvas.hidden = false;
  const context = canvas.getContext('2d')!;
  context.clearRect(0, 0, canvas.width, canvas.height);
  images.slice(0, 32).forEach((pixels, i) => context.putImageData(rgba(pixels, resolution, resolution), (i % 16) * resolution, Math.floor(i / 16) * resolution));
  start.disabled = false;
  say('chosen', text);
}

async function read(files: readonly File[]): Promise<void> {
  byId('error').hidden = true;
  const onProgress = ({ done, total }: { done: number; total: number }): void => say('chosen', `reading ${done} of ${total}`);
  try {
    const dataset = await imageFilesDataset(files, { resolution, onProgress });
    const read = await Promise.all(Array.from({ length: dataset.length }, (_, i) => dataset.image(i)));
    const left = dataset.bad.length > 0 ? `; left out ${dataset.bad.slice(0, 3).join(', ')}${dataset.bad.length > 3 ? ` and ${dataset.bad.length - 3} more` : ''}, which this browser cannot read` : '';
    chose(read, `${read.length} images${read.length < 50 ? ': few, it will learn them by heart' : ''}${left}`);
  } catch (error) {
    say('chosen', '');
    fail(error);
  }
}

function show(next: typeof state): void {
  state = next;
  for (const id of ['run', 'samples', 'losses']) byId(id).hidden = state === 'none';
  byId('setup').hidden = state !== 'none';
  pause.textContent = state === 'resting' ? 'Continue' : 'Pause';
  pause.hidden = state === 'finished';
  stop.textContent = state === 'training' ? 'Stop' : 'New run';
  document.body.dataset['state'] = state;
}

const received: { readonly [T in News['type']]: (news: Extract<News, { type: T }>) => void } = {
  ready({ backend, settings, ticks: before }) {
    byId('backend').hidden = false;
    byId('backend').textContent = backend.split(' ')[0]!;
    byId('backend').title = backend;
    [goal, ticks] = [settings.kimg, [...before]];
    say('note', 'first steps take longest');
    download.disabled = false;
    drawLosses(byId('plot'), ticks);
  },
  step({ step, kimg, imagesPerSecond }) {
    byId<HTMLProgressElement>('progress').value = kimg / goal;
    const minutes = ((goal - kimg) * 1000) / imagesPerSecond / 60;
    say('facts', `${kimg.toFixed(2)} of ${goal} thousand images, ${imagesPerSecond.toFixed(1)} a second, ${minutes < 90 ? `${Math.ceil(minutes)} min` : `${(minutes / 60).toFixed(1)} h`} to go`);
    document.body.dataset['step'] = String(step);
  },
  tick({ tick }) {
    ticks.push(tick);
    drawLosses(byId('plot'), ticks);
  },
  sheet({ step, pixels, width, height, columns }) {
    const canvas = byId<HTMLCanvasElement>('sheet');
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext('2d')!.putImageData(rgba(pixels, width, height), 0, 0);
    byId('columns').replaceChildren(...columns.slice(0, Math.round(width / resolution)).map((name) => Object.assign(document.createElement('span'), { textContent: name })));
    canvas.dataset['drawn'] = String(step);
  },
  kept: ({ kimg }) => say('note', `kept at ${kimg.toFixed(2)} thousand images: a reload loses nothing before`),
  resting({ finished }) {
    show(finished ? 'finished' : 'resting');
    say('note', finished ? 'Done. Download the model, then: spatialgan edit --model model.safetensors' : 'Paused and kept: you may close this page.');
  },
  model({ bytes }) {
    const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
    Object.assign(document.createElement('a'), { href: url, download: 'model.safetensors' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  },
  error: ({ message }) => fail(message),
};

function begin(message: Order): void {
  byId('error').hidden = true;
  worker = new Worker(new URL('./trainWorker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }) => (received[(data as News).type] as (news: News) => void)(data as News));
  worker.addEventListener('error', ({ message: why }) => fail(`the training has ended: ${why}`));
  show('training');
  say('note', 'starting …');
  order(message);
}

async function offerKept(): Promise<void> {
  const run = await keptRun().catch(() => undefined);
  resume.hidden = !run;
  if (run) resume.textContent = `Go on with the kept run (${(run.snapshot.state.images / 1000).toFixed(2)} of ${run.settings.kimg} thousand images)`;
}

const settings = (): RunSettings => {
  const channelMax = Number(byId<HTMLSelectElement>('size').value);
  const kimg = Math.min(1000, Math.max(1, Number(byId<HTMLInputElement>('kimg').value) || 50));
  return { seed: Math.floor(Math.random() * 1e9), channelMax, batch: channelMax < 16 ? 4 : 16, kimg, mirror: byId<HTMLInputElement>('mirror').checked };
};

byId<HTMLInputElement>('files').addEventListener('change', ({ target }) => void read([...((target as HTMLInputElement).files ?? [])]));
byId('demo').addEventListener('click', () => chose(demoImages(400, resolution), '400 drawn faces'));
start.addEventListener('click', () => begin({ type: 'start', settings: settings(), images, wanted }));
resume.addEventListener('click', () => begin({ type: 'resume', wanted }));
pause.addEventListener('click', () => {
  if (state === 'training') return say('note', 'pausing after this step …'), order({ type: 'pause' });
  show('training');
  order({ type: 'continue' });
});
stop.addEventListener('click', () => {
  if (state === 'training') return order({ type: 'pause' });
  worker?.terminate();
  show('none');
  void offerKept();
});
download.addEventListener('click', () => order({ type: 'export' }));
const drop = byId('drop');
for (const name of ['dragover', 'dragleave', 'drop'] as const) {
  addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle('is-over', name === 'dragover');
    if (name === 'drop' && state === 'none') void read([...(event.dataTransfer?.files ?? [])]);
  });
}
addEventListener('resize', () => drawLosses(byId('plot'), ticks));
byId('legend').replaceChildren(...lines.map(({ label, colour }) => {
  const item = document.createElement('li');
  const mark = document.createElement('span');
  mark.style.background = colour;
  item.append(mark, label);
  return item;
}));
show('none');
void offerKept();
