import type { ModelRuntime } from '@spatialgan/schema';
import { isSameRequest, originalRequestOf, requestOf } from './document.js';
import type { Emitter } from './emitter.js';
import type { EditorEvents } from './editor.js';
import type { ShownImage } from './state.js';
import type { Store } from './store.js';
import { createSynthesisQueue } from './synthesisQueue.js';

type Request = ShownImage['request'];
export interface Synthesis {
  /** Makes the images follow the document after a change; a drag names its transaction. */
  follow(transaction?: string): void;
  /** Synthesizes the present document whatever the mode. */
  generate(): Promise<void>;
  dispose(): void;
}

/** Keeps the newest image, and the original beside it, in step with the document. */
export function createSynthesis(runtime: ModelRuntime, store: Store, events: Emitter<EditorEvents>): Synthesis {
  const wanted = (): Request => requestOf(store.model().document);
  const fail = (error: unknown): void => {
    store.set({ error, busy: images.isBusy() });
    events.emit('error', { error });
  };
  const images = createSynthesisQueue<Request>({
    run: (request, signal) => runtime.synthesize(request, { signal }),
    onImage(image, request, milliseconds) {
      store.set({ image: { image, request, milliseconds }, error: undefined, busy: images.isBusy() });
      events.emit('image', { milliseconds, isCurrent: isSameRequest(request, wanted()) });
      followOriginal();
    },
    onError: fail,
  });
  const originals = createSynthesisQueue<Request>({
    run: (request, signal) => runtime.synthesize(request, { signal }),
    onImage: (image, request, milliseconds) => store.set({ original: { image, request, milliseconds } }),
    onError: fail,
  });

  /** The original waits for the image it stands beside, and needs no work of its own while nothing is edited. */
  function followOriginal(): void {
    const { document, image, original, busy } = store.model();
    const request = originalRequestOf(document);
    if (original && isSameRequest(original.request, request)) return;
    if (image && isSameRequest(image.request, request)) {
      originals.abort();
      store.set({ original: image });
    } else if (!busy && image && isSameRequest(image.request, requestOf(document))) void originals.request(request);
  }
  function start(transaction?: string): Promise<void> {
    originals.abort();
    const done = images.request(wanted(), transaction);
    store.set({ busy: true });
    return done;
  }
  return {
    follow(transaction) {
      const { image, synthesis } = store.model();
      if (image && isSameRequest(image.request, wanted())) {
        images.abort();
        store.set({ busy: false, error: undefined });
        followOriginal();
      } else if (synthesis === 'auto') void start(transaction);
      else {
        images.abort();
        store.set({ busy: false });
      }
    },
    generate: () => start(),
    dispose() {
      images.abort();
      originals.abort();
    },
  };
}
