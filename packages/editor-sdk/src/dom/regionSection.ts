import { duplicateRegions, removeRegions, toggleLock } from '../tools/regionActions.js';
import { resizeRegion, rotateRegion } from '../tools/shape.js';
import { element, setText } from './element.js';
import { degrees, percent } from './format.js';
import { icon, type IconName } from './icons.js';
import type { FaceContext, FacePart } from './part.js';
import { extentOf, listRegions, nameOf } from './regionList.js';
import { createRegionStyle } from './regionStyle.js';
import { section } from './section.js';
import { createSlider } from './slider.js';

/** Shape, strength and appearance of the selected regions; the last selected one leads, the others follow in proportion. */
export function createRegionSection(context: FaceContext): FacePart {
  const { editor, text } = context;
  const hint = element('p', { class: 'hint' }, text('noSelection'));
  const selected = (): readonly string[] => editor.getState().selection;
  const current = () => listRegions(editor.getState()).find(({ region }) => region.id === selected().at(-1));
  const shape = (run: (id: string, value: number, lead: ReturnType<typeof extentOf>) => void) => ({
    input(value: number): void {
      const at = current();
      if (at) {
        const lead = extentOf(editor, at.region, at.level);
        selected().forEach((id) => run(id, value, lead));
      }
    },
    end: () => editor.endTransaction(),
  });
  const size = createSlider(text('size'), { min: 0.03, max: 0.7, step: 0.005 }, shape((id, value, { x, y }) => resizeRegion(editor, id, value / Math.sqrt(x * y), 'size')));
  const stretch = createSlider(text('stretch'), { min: 1, max: 5, step: 0.05 }, shape((id, value, { x, y }) => {
    const factor = Math.sqrt((value * y) / x);
    resizeRegion(editor, id, { x: factor, y: 1 / factor }, 'stretch');
  }));
  const angle = createSlider(text('angle'), { min: -90, max: 90, step: 1 }, shape((id, value, lead) => rotateRegion(editor, id, (value * Math.PI) / 180 - lead.angle, 'angle')));
  const strength = createSlider(text('strength'), { min: 0, max: 1, step: 0.01 }, {
    input: (weight) => selected().forEach((id) => editor.dispatch({ type: 'updateRegion', id, patch: { weight } }, { transaction: 'weight', label: 'Fade region' })),
    end: () => editor.endTransaction(),
  });
  const action = (name: IconName, label: string, run: (ids: readonly string[]) => void, quiet = '') => {
    const word = element('span', {}, label);
    const button = element('button', { type: 'button', class: `action is-small ${quiet}`, 'data-region-action': name }, icon(name), word);
    button.addEventListener('click', () => run(selected()));
    return { button, word };
  };
  const lock = action('lock', text('lock'), (ids) => toggleLock(editor, ids));
  const duplicate = action('duplicate', text('duplicate'), (ids) => duplicateRegions(editor, ids));
  const remove = action('remove', text('remove'), (ids) => removeRegions(editor, ids), 'is-quiet');
  const style = createRegionStyle(context);
  const fields = element('div', { class: 'fields' }, size.element, stretch.element, angle.element, strength.element, style.element,
    element('div', { class: 'row is-tight' }, lock.button, duplicate.button, remove.button));
  const root = section('region', text('region'), hint, fields);
  const title = root.querySelector('h2')!;
  return {
    element: root,
    update(state, view) {
      const at = current();
      fields.hidden = !at;
      hint.hidden = at !== undefined;
      const count = state.selection.length;
      setText(title, count > 1 ? text('regions', { count }) : at ? nameOf(context, at) : text('region'));
      title.classList.toggle('is-level', at !== undefined);
      if (!at) return;
      title.style.setProperty('--level', `var(--sge-level-${at.level % 4})`);
      const locked = state.selection.every((id) => state.document.locked.includes(id));
      const still = state.readOnly || locked;
      const { x, y, angle: turned } = extentOf(editor, at.region, at.level);
      size.set(Math.sqrt(x * y), percent(Math.sqrt(x * y)), still);
      stretch.set(x / y, `${(x / y).toFixed(2)} : 1`, still);
      angle.set((turned * 180) / Math.PI, degrees(turned), still || x / y < 1.01 || !editor.regionUtil(at.region.kind).rotate);
      strength.set(at.region.weight, percent(at.region.weight), still);
      setText(lock.word, text(locked ? 'unlock' : 'lock'));
      lock.button.disabled = duplicate.button.disabled = state.readOnly;
      remove.button.disabled = still;
      style.update(state, view);
    },
  };
}
