import { button, element } from './element.js';

export interface Dialog {
  readonly element: HTMLDialogElement;
  open(): void;
  close(): void;
}

/** A modal dialog with a title and a close button; Escape and a press beside it close it too. */
export function createDialog(title: string, { name, wide = false, onClose = () => {} }: { readonly name: string; readonly wide?: boolean; readonly onClose?: () => void }, ...children: readonly (Node | string)[]): Dialog {
  const close = button('×', () => box.close(), { class: 'dialog-close', 'aria-label': 'Close' });
  const id = `dialog-${name}`;
  const box = element('dialog', { class: `dialog${wide ? ' is-wide' : ''}`, 'aria-labelledby': id, 'data-dialog': name },
    element('div', { class: 'dialog-head' }, element('h2', { id }, title), close), element('div', { class: 'dialog-body' }, ...children));
  box.addEventListener('pointerdown', (event) => event.target === box && box.close());
  box.addEventListener('close', onClose);
  document.body.append(box);
  return { element: box, open: () => box.open || box.showModal(), close: () => box.close() };
}

/** Asks a question; resolves to whether it was answered with yes. */
export function ask(title: string, text: string, yes: string): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = createDialog(title, { name: 'ask', onClose: () => (dialog.element.remove(), resolve(answer)) }, element('p', {}, text),
      element('div', { class: 'dialog-actions' }, button('Cancel', () => dialog.close()), button(yes, () => ((answer = true), dialog.close()), { class: 'button is-primary' })));
    dialog.open();
  });
}
