type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Makes an element; `true` sets an attribute, `false` and undefined leave it out. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/** A button that does one thing. */
export function button(label: string, run: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'button', ...attributes }, label);
  made.addEventListener('click', run);
  return made;
}

/** A labelled control. */
export const field = (label: string, control: HTMLElement, attributes: Attributes = {}): HTMLLabelElement =>
  element('label', { class: 'field', ...attributes }, element('span', {}, label), control);

/** A choice of one from a few. */
export function select(choices: Readonly<Record<string, string>>, chosen: string, attributes: Attributes = {}): HTMLSelectElement {
  return element('select', { class: 'select', ...attributes }, ...Object.entries(choices).map(([value, text]) => element('option', { value, selected: value === chosen }, text)));
}
