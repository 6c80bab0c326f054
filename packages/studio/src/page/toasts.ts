import { byId } from './byId.js';
import { element } from './element.js';

const SHOWN_FOR = 5000;

/** Says something in a corner for a while; errors stay until they are pressed. */
export function toast(text: string, kind: 'info' | 'error' = 'info'): void {
  const made = element('div', { class: `toast is-${kind}` }, text);
  const toasts = byId('toasts');
  const remove = (): void => {
    made.remove();
    if (toasts.childElementCount === 0) toasts.hidePopover();
  };
  made.addEventListener('click', remove);
  toasts.append(made);
  // Shown anew, it lies above a dialog that was opened since.
  toasts.hidePopover();
  toasts.showPopover();
  if (kind === 'info') setTimeout(remove, SHOWN_FOR);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
