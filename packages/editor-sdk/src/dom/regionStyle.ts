import { findRegion, type LatentSpec } from '@spatialgan/schema';
import { randomSeed, restyleRegions } from '../tools/regionActions.js';
import { element } from './element.js';
import { percent } from './format.js';
import { icon } from './icons.js';
import type { FaceContext, FacePart } from './part.js';
import { seedField } from './section.js';
import { createSlider } from './slider.js';

/** A region's own latent, and how much of it: all, or mixed with the whole image's. */
const ownOf = (style: LatentSpec): { readonly own: LatentSpec; readonly amount: number } =>
  style.kind === 'mix' ? { own: style.to, amount: style.amount } : { own: style, amount: 1 };

/** The selected regions' own appearance, for models whose regions have one (Eq. 4). */
export function createRegionStyle({ editor, text }: FaceContext): FacePart {
  const ids = (): readonly string[] => editor.getState().selection;
  const styleNow = (): LatentSpec | undefined => findRegion(editor.getState().layout, ids().at(-1) ?? '')?.style;
  const seed = seedField(text('seed'), (value) => restyleRegions(editor, ids(), { kind: 'seed', seed: value }));
  const dice = element('button', { type: 'button', class: 'action is-small', 'data-region-action': 'restyle' }, icon('dice'), text('restyle'));
  dice.addEventListener('click', () => restyleRegions(editor, ids(), { kind: 'seed', seed: randomSeed() }));
  const blend = createSlider(text('blend'), { min: 0, max: 1, step: 0.01 }, {
    input(amount) {
      const style = styleNow();
      if (!style) return;
      const { own } = ownOf(style);
      const mixed: LatentSpec = amount === 1 ? own : { kind: 'mix', from: editor.getState().latent, to: own, amount };
      for (const id of ids()) editor.dispatch({ type: 'restyleRegion', id, style: mixed }, { transaction: 'blend' });
    },
    end: () => editor.endTransaction(),
  });
  const clear = element('button', { type: 'button', class: 'action is-small', 'data-region-action': 'clearStyle' }, text('globalStyle'));
  clear.addEventListener('click', () => editor.transaction('Restyle region', () => ids().forEach((id) => editor.dispatch({ type: 'restyleRegion', id }))));
  const more = element('div', { class: 'fields' }, blend.element, clear);
  const root = element('fieldset', { class: 'fields is-framed', hidden: !editor.runtime.info.regionStyles }, element('legend', {}, text('regionStyle')),
    element('div', { class: 'row' }, seed.element, dice), more);
  return {
    element: root,
    update({ readOnly }) {
      const style = styleNow();
      const { own, amount } = style ? ownOf(style) : { own: undefined, amount: 0 };
      seed.set(own?.kind === 'seed' ? own.seed : undefined, readOnly);
      dice.disabled = clear.disabled = readOnly;
      more.hidden = !style;
      blend.set(amount, percent(amount), readOnly);
    },
  };
}
