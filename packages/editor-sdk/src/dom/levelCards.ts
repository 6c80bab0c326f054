import type { LayoutLevel } from '@spatialgan/schema';
import { element, setAttributes } from './element.js';
import { HEATMAP_GRID, paintHeatmap } from './heatmapView.js';
import { icon } from './icons.js';
import { whenChanged, type FaceContext, type FacePart } from './part.js';

interface Card {
  readonly element: HTMLElement;
  readonly pick: HTMLButtonElement;
  readonly eye: HTMLButtonElement;
  readonly canvas: HTMLCanvasElement;
  readonly ifPainted: ReturnType<typeof whenChanged>;
}

/** The live heatmap of each level: press one to work on it, its eye to hide it from the image. */
export function createLevelCards(context: FaceContext): FacePart {
  const { text } = context;
  const list = element('div', { class: 'cards' });
  const section = element('section', { class: 'section', part: 'heatmaps', 'aria-label': text('heatmaps') }, element('h2', {}, text('heatmaps')), list);
  const ifLevels = whenChanged();
  let cards: readonly Card[] = [];
  return {
    element: section,
    update({ layout, activeLevel }, { hiddenLevels }) {
      const key = layout.levels.map(({ resolutions }) => String(resolutions)).join('|');
      ifLevels([key], () => {
        cards = layout.levels.map((level, l) => createCard(context, level, l));
        list.replaceChildren(...cards.map((card) => card.element));
      });
      cards.forEach((card, l) => {
        const hidden = hiddenLevels.has(l);
        setAttributes(card.pick, { 'aria-pressed': String(l === activeLevel) });
        setAttributes(card.eye, { 'aria-pressed': String(!hidden) });
        card.element.classList.toggle('is-hidden', hidden);
        card.ifPainted([layout.levels[l], context.levelColor(l).join()], () => paintHeatmap(card.canvas, layout, l, context));
      });
    },
  };
}

function createCard({ editor, text, view }: FaceContext, { resolutions }: LayoutLevel, l: number): Card {
  const canvas = element('canvas', { width: HEATMAP_GRID, height: HEATMAP_GRID, 'aria-hidden': 'true', 'data-level': l });
  const pick = element('button', { type: 'button', class: 'card-pick', 'aria-label': text('pickLevel', { level: l }), title: text('pickLevel', { level: l }) }, canvas);
  const eye = element('button', { type: 'button', class: 'card-eye', 'aria-label': text('showLevel', { level: l }), title: text('showLevel', { level: l }) }, icon('eye'), icon('eyeOff'));
  pick.addEventListener('click', () => editor.setActiveLevel(l));
  eye.addEventListener('click', () => {
    const hidden = new Set(view.get().hiddenLevels);
    if (!hidden.delete(l)) hidden.add(l);
    view.set({ hiddenLevels: hidden });
  });
  const reads = resolutions === 'all' ? text('allResolutions') : resolutions.map((r) => `${r}×${r}`).join(' ');
  const label = element('span', { class: 'card-label' }, element('b', {}, text('level', { level: l })), element('small', {}, reads));
  const card = element('div', { class: 'card', part: 'card', 'data-level': l }, pick, element('div', { class: 'card-foot' }, label, eye));
  card.style.setProperty('--level', `var(--sge-level-${l % 4})`);
  return { element: card, pick, eye, canvas, ifPainted: whenChanged() };
}
