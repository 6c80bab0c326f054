import { element, setText } from './element.js';

export interface Slider {
  readonly element: HTMLElement;
  set(value: number, text: string, disabled: boolean): void;
}

/** A labelled range whose changes come as they happen, and whose end closes the undo step. */
export function createSlider(
  label: string,
  range: { readonly min: number; readonly max: number; readonly step: number },
  on: { input(value: number): void; end(): void },
): Slider {
  const input = element('input', { type: 'range', ...range, 'aria-label': label });
  const output = element('output', {});
  const fill = (): void => input.style.setProperty('--fill', `${((Number(input.value) - range.min) / (range.max - range.min)) * 100}%`);
  input.addEventListener('input', () => (fill(), on.input(Number(input.value))));
  input.addEventListener('change', () => on.end());
  return {
    element: element('label', { class: 'slider' }, element('span', {}, label), output, input),
    set(value, text, disabled) {
      const shown = String(value);
      if (Number(input.value) !== value && !input.matches(':active')) input.value = shown;
      fill();
      input.disabled = disabled;
      setText(output, text);
    },
  };
}
