import type { ModelRuntime } from '@spatialgan/schema';
import { isSameRequest, originalRequestOf, requestOf } from './document.js';
import type { Emitter } from './emitter.js';
import type { EditorEvents } from './editor.js';
import type { ShownImage } from './state.js';
import type { Store } from './store.js';
import { createSynthesisQueue } from './synthesisQueue.js';

type Request = ShownImage['request'];
interface Job {
  readonly request: Request;
  readonly quality: 'preview' | 'final';
}
export interface Synthesis {
  /** Makes the images follow the document after a change; a drag names its transaction. */
  follow(transaction?: string): void;
  /** The hand rests: what is shown as a preview is made in full. */
  settle(): void;
  /** Synthesizes the present document whatever the mode. */
  generate(): Promise<void>;
  dispose(): void;
}
/** A drag that rests this long, in milliseconds, gets its full image before it ends. */
const REST = 150;

/** Keeps the newest image, and the original beside it, in step with the document. */
export function createSynthesis(runtime: ModelRuntime, store: Store, events: Emitter<EditorEvents>): Synthesis {
  let rest: ReturnType<typeof setTimeout> | undefined;
  let dragging: string | undefined;
  const wanted = (): Request => requestOf(store.model().document);
  const isFinal = ({ quality }: Job, width: number): boolean => quality === 'final' || width >= runtime.info.imgResolution;
  const fail = (error: unknown): void => {
    store.set({ error, busy: images.isBusy() });
    events.emit('error', { error });
  };
  const images = createSynthesisQueue<Job>({
    run: ({ request, quality }, signal) => runtime.synthesize(request, { signal, quality }),
    onImage(image, job, milliseconds) {
      const { request } = job;
      const shown = { image, request, milliseconds, isFinal: isFinal(job, image.width) };
      store.set({ image: shown, error: undefined, busy: images.isBusy() });
      events.emit('image', { milliseconds, isCurrent: isSameRequest(request, wanted()), isFinal: shown.isFinal });
      if (shown.isFinal) followOriginal();
      else if (dragging === undefined) settle();
      else rest = setTimeout(settle, REST);
    },
    onError: fail,
  });
  const originals = createSynthesisQueue<Request>({
    run: (request, signal) => runtime.synthesize(request, { signal, quality: 'final' }),
    onImage: (image, request, milliseconds) => store.set({ original: { image, request, milliseconds, isFinal: true } }),
    onError: fail,
  });

  /** The original waits for the image it stands beside, and needs no work of its own while nothing is edited. */
  function followOriginal(): void {
    const { document, image, original, busy } = store.model();
    const request = originalRequestOf(document);
    if (original && isSameRequest(original.request, request)) return;
    if (image?.isFinal && isSameRequest(image.request, request)) {
      originals.abort();
      store.set({ original: image });
    } else if (!busy && image && isSameRequest(image.request, requestOf(document))) void originals.request(request);
  }
  function start(quality: Job['quality'], transaction?: string): Promise<void> {
    clearTimeout(rest);
    originals.abort();
    const done = images.request({ request: wanted(), quality }, transaction);
    store.set({ busy: true });
    return done;
  }
  function settle(): void {
    const { image, synthesis, busy } = store.model();
    const shownInFull = image && image.isFinal && isSameRequest(image.request, wanted());
    const running = images.running();
    // A runtime without previews is about to send the full image: do not ask twice.
    const onTheWay = running && isSameRequest(running.request, wanted());
    if (synthesis === 'auto' && !shownInFull && !onTheWay && (busy || image?.isFinal === false)) void start('final', dragging);
  }
  return {
    follow(transaction) {
      clearTimeout(rest);
      dragging = transaction;
      const { image, synthesis } = store.model();
      if (image && isSameRequest(image.request, wanted())) {
        images.abort();
        store.set({ busy: false, error: undefined });
        if (image.isFinal) followOriginal();
        else settle();
      } else if (synthesis === 'auto') void start(transaction === undefined ? 'final' : 'preview', transaction);
      else {
        images.abort();
        store.set({ busy: false });
      }
    },
    settle() {
      settle();
      dragging = undefined;
    },
    generate: () => start('final'),
    dispose() {
      clearTimeout(rest);
      images.abort();
      originals.abort();
    },
  };
}
