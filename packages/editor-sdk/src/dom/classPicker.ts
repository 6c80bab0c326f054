import { classLabel } from '@spatialgan/schema';
import { element } from './element.js';
import type { FaceContext } from './part.js';

const MIXED = 'mixed';

/** The class whose label is one-hot at its place; undefined for mixtures. No label is the first class. */
function classOf(label: readonly number[] | undefined): number | undefined {
  if (!label) return 0;
  const index = label.indexOf(1);
  return index >= 0 && label.every((value, i) => value === (i === index ? 1 : 0)) ? index : undefined;
}

/** A choice among the classes of a conditional model; hidden for others. */
export function createClassPicker({ editor, text }: FaceContext) {
  const { labels = 0 } = editor.runtime.info;
  const mixed = element('option', { value: MIXED, disabled: true, hidden: true }, text('mixedClass'));
  const select = element('select', { class: 'number', 'data-field': 'class', 'aria-label': text('class') },
    ...Array.from({ length: labels }, (_, i) => element('option', { value: i }, text('classNumber', { number: i + 1 }))), mixed);
  select.addEventListener('change', () => editor.dispatch({ type: 'setLabel', label: classLabel(labels, Number(select.value)) }));
  return {
    element: element('label', { class: 'field', hidden: labels < 2 }, element('span', {}, text('class')), select),
    set(label: readonly number[] | undefined, disabled: boolean): void {
      const value = String(classOf(label) ?? MIXED);
      if (select.value !== value) select.value = value;
      select.disabled = disabled;
    },
  };
}
