import { element, setText } from './element.js';
import { icon } from './icons.js';
import { createLevelCards } from './levelCards.js';
import type { FaceContext, FacePart } from './part.js';
import { listRegions, sizeOf } from './regionList.js';
import { createSlider } from './slider.js';
import { resizeRegion } from '../tools/shape.js';

/** Heatmaps, the selected region, and the appearance. */
export function createPanel(context: FaceContext): FacePart {
  const parts = [createLevelCards(context), createRegionSection(context), createAppearance(context)];
  return {
    element: element('aside', { class: 'panel', part: 'panel' }, ...parts.map((part) => part.element)),
    update: (state, view) => parts.forEach((part) => part.update(state, view)),
  };
}

function createRegionSection({ editor, messages }: FaceContext): FacePart {
  const title = element('h2', {}, messages.region);
  const hint = element('p', { class: 'hint' }, messages.noSelection);
  const current = () => listRegions(editor.getState()).find(({ region }) => region.id === editor.getState().selection[0]);
  const end = (): void => editor.endTransaction();
  const size = createSlider(messages.size, { min: 0.03, max: 0.7, step: 0.005 }, {
    input(value) {
      const at = current();
      if (at) resizeRegion(editor, at.region.id, value / sizeOf(editor, at.region, at.level), 'size');
    },
    end,
  });
  const strength = createSlider(messages.strength, { min: 0, max: 1, step: 0.01 }, {
    input(weight) {
      const at = current();
      if (at) editor.dispatch({ type: 'updateRegion', id: at.region.id, patch: { weight } }, { transaction: 'weight', label: 'Fade region' });
    },
    end,
  });
  const remove = element('button', { type: 'button', class: 'action is-quiet' }, icon('remove'), messages.remove);
  remove.addEventListener('click', () => {
    const at = current();
    if (at) editor.dispatch({ type: 'removeRegion', id: at.region.id });
  });
  const fields = element('div', { class: 'fields' }, size.element, strength.element, remove);
  const section = element('section', { class: 'section', part: 'region', 'aria-label': messages.region }, title, hint, fields);
  return {
    element: section,
    update(state) {
      const at = current();
      fields.hidden = !at;
      hint.hidden = at !== undefined;
      setText(title, at ? messages.regionName(at.level, at.number) : messages.region);
      title.classList.toggle('is-level', at !== undefined);
      if (!at) return;
      title.style.setProperty('--level', `var(--sge-level-${at.level % 4})`);
      const extent = sizeOf(editor, at.region, at.level);
      size.set(extent, `${Math.round(extent * 100)} %`, state.readOnly);
      strength.set(at.region.weight, `${Math.round(at.region.weight * 100)} %`, state.readOnly);
      remove.disabled = state.readOnly;
    },
  };
}

function createAppearance({ editor, messages }: FaceContext): FacePart {
  const seed = element('input', { type: 'number', min: 0, step: 1, inputmode: 'numeric', class: 'number', 'aria-label': messages.seed });
  const dice = element('button', { type: 'button', class: 'action', 'data-action': 'seed' }, icon('dice'), messages.newSeed);
  const setSeed = (value: number): void => editor.dispatch({ type: 'setLatent', latent: { kind: 'seed', seed: value } });
  seed.addEventListener('change', () => {
    const value = Math.trunc(Number(seed.value));
    if (seed.value !== '' && Number.isSafeInteger(value) && value >= 0) setSeed(value);
  });
  dice.addEventListener('click', () => setSeed(crypto.getRandomValues(new Uint32Array(1))[0]! % 100_000));
  const truncation = createSlider(messages.truncation, { min: 0, max: 1.5, step: 0.05 }, {
    input: (psi) => editor.dispatch({ type: 'setTruncation', psi }, { transaction: 'truncation' }),
    end: () => editor.endTransaction(),
  });
  truncation.element.title = messages.truncationHint;
  return {
    element: element('section', { class: 'section', part: 'appearance', 'aria-label': messages.appearance }, element('h2', {}, messages.appearance),
      element('div', { class: 'row' }, element('label', { class: 'field' }, element('span', {}, messages.seed), seed), dice), truncation.element),
    update({ latent, truncationPsi, readOnly }) {
      if (!seed.matches(':focus')) seed.value = latent.kind === 'seed' ? String(latent.seed) : '';
      seed.disabled = dice.disabled = readOnly;
      truncation.set(truncationPsi, truncationPsi.toFixed(2), readOnly);
    },
  };
}
