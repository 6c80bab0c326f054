import { button, element } from './element.js';
import type { Words } from './words.js';

export interface Dialog {
  readonly element: HTMLDialogElement;
  open(): void;
  close(): void;
  /** Takes it from the page. */
  remove(): void;
}
export interface DialogOptions {
  readonly name: string;
  readonly title: string;
  readonly words: Words;
  readonly wide?: boolean;
  readonly onClose?: () => void;
}

/** A modal dialog with a title and a close button; Escape and a press beside it close it too. */
export function createDialog({ name, title, words, wide = false, onClose = () => {} }: DialogOptions, ...children: readonly (Node | string)[]): Dialog {
  const close = button('×', () => box.close(), { class: 'dialog-close', 'aria-label': words.text('close') });
  const id = `dialog-${name}`;
  const box = element('dialog', { class: `dialog${wide ? ' is-wide' : ''}`, 'aria-labelledby': id, 'data-dialog': name },
    element('div', { class: 'dialog-head' }, element('h2', { id }, title), close), element('div', { class: 'dialog-body' }, ...children));
  box.addEventListener('pointerdown', (event) => event.target === box && box.close());
  box.addEventListener('close', onClose);
  document.body.append(box);
  return { element: box, open: () => box.open || box.showModal(), close: () => box.close(), remove: () => box.remove() };
}

/** A question: its title, what it is about, and the answer yes. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
}

/** Asks; resolves to whether it was answered with yes. */
export function ask({ title, text, yes }: Question, words: Words): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = createDialog({ name: 'ask', title, words, onClose: () => (dialog.remove(), resolve(answer)) }, element('p', {}, text),
      element('div', { class: 'dialog-actions' }, button(words.text('cancel'), () => dialog.close()), button(yes, () => ((answer = true), dialog.close()), { class: 'button is-primary' })));
    dialog.open();
  });
}
