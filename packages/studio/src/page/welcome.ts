import { byId } from './byId.js';
import type { Words } from './words.js';

export interface Welcome {
  /** Shows what loading is doing; the share that is done, if it is known. */
  progress(text: string, share?: number): void;
  fail(title: string, error: unknown): void;
  done(): void;
}

/** The card before the editor: progress, or what went wrong and how to go on. */
export function createWelcome({ text: word }: Words): Welcome {
  const [root, title, text, open] = [byId('welcome'), byId('welcome-title'), byId('welcome-text'), byId('welcome-open')];
  const bar = byId<HTMLProgressElement>('progress');
  title.textContent = word('opening');
  return {
    progress(what, share) {
      root.classList.remove('is-done');
      title.textContent = word('opening');
      text.textContent = what;
      open.hidden = true;
      bar.hidden = false;
      if (share === undefined) bar.removeAttribute('value');
      else bar.value = share;
    },
    fail(what, error) {
      root.classList.remove('is-done');
      title.textContent = what;
      text.textContent = error instanceof Error ? error.message : String(error);
      bar.hidden = true;
      open.hidden = false;
    },
    done: () => root.classList.add('is-done'),
  };
}
