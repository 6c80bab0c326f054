import { element } from './element.js';

/** A titled piece of the panel. */
export function section(part: string, title: string, ...children: (HTMLElement | false)[]): HTMLElement {
  return element('section', { class: 'section', part, 'aria-label': title }, element('h2', {}, title), ...children);
}

/** A piece of the panel that opens on demand. */
export function disclosure(part: string, title: string, ...children: HTMLElement[]): HTMLDetailsElement {
  return element('details', { class: 'section', part, 'data-section': part }, element('summary', {}, title), element('div', { class: 'disclosed' }, ...children));
}

/** A labelled field for a seed; `change` comes with whole numbers from 0 only. */
export function seedField(label: string, change: (seed: number) => void): { readonly element: HTMLElement; readonly input: HTMLInputElement; set(seed: number | undefined, disabled: boolean): void } {
  const input = element('input', { type: 'number', min: 0, step: 1, inputmode: 'numeric', class: 'number', 'aria-label': label });
  input.addEventListener('change', () => {
    const value = Math.trunc(Number(input.value));
    if (input.value !== '' && Number.isSafeInteger(value) && value >= 0) change(value);
  });
  return {
    element: element('label', { class: 'field' }, element('span', {}, label), input),
    input,
    set(seed, disabled) {
      if (!input.matches(':focus')) input.value = seed === undefined ? '' : String(seed);
      input.disabled = disabled;
    },
  };
}
