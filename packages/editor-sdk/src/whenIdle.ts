import { isSpatialGANError, throwIfAborted } from '@spatialgan/schema';
import type { Editor } from './editor.js';

/** Resolves when the editor makes no image. @throws SpatialGANError 'ABORTED'. */
function idle(editor: Editor, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (!signal.aborted && editor.getState().status === 'synthesizing') return;
      stop();
      signal.removeEventListener('abort', check);
      try {
        throwIfAborted(signal, 'editor');
        resolve();
      } catch (error) {
        reject(error as Error);
      }
    };
    const stop = editor.subscribe(check);
    signal.addEventListener('abort', check);
    check();
  });
}

/**
 * Does work for which the user does not wait while the model is free; gives way, and begins anew, when the editor needs it.
 *
 * @throws SpatialGANError 'ABORTED' when `signal` fires, and what `work` throws.
 */
export async function whenIdle<T>(editor: Editor, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  for (;;) {
    await idle(editor, signal);
    const turn = new AbortController();
    const giveWay = (): void => turn.abort();
    const stop = editor.subscribe(({ status }) => status === 'synthesizing' && giveWay());
    signal.addEventListener('abort', giveWay);
    try {
      const result = await work(turn.signal);
      throwIfAborted(signal, 'editor');
      return result;
    } catch (error) {
      if (signal.aborted || !turn.signal.aborted || !isSpatialGANError(error, 'ABORTED')) throw error;
    } finally {
      stop();
      signal.removeEventListener('abort', giveWay);
    }
  }
}
