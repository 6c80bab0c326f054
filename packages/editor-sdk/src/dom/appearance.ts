import { randomSeed } from '../tools/regionActions.js';
import { createClassPicker } from './classPicker.js';
import { element } from './element.js';
import { icon } from './icons.js';
import type { FaceContext, FacePart } from './part.js';
import { section, seedField } from './section.js';
import { createSlider } from './slider.js';

/** Class, seed, truncation and noise of the whole image. */
export function createAppearance(context: FaceContext): FacePart {
  const { editor, text } = context;
  const classes = createClassPicker(context);
  const setSeed = (seed: number): void => editor.dispatch({ type: 'setLatent', latent: { kind: 'seed', seed } });
  const seed = seedField(text('seed'), setSeed);
  const dice = element('button', { type: 'button', class: 'action', 'data-action': 'seed' }, icon('dice'), text('newSeed'));
  dice.addEventListener('click', () => setSeed(randomSeed()));
  const truncation = createSlider(text('truncation'), { min: 0, max: 1.5, step: 0.05 }, {
    input: (psi) => editor.dispatch({ type: 'setTruncation', psi }, { transaction: 'truncation' }),
    end: () => editor.endTransaction(),
  });
  truncation.element.title = text('truncationHint');
  const noise = element('select', { class: 'number', 'data-field': 'noise', 'aria-label': text('noise') },
    ...(['const', 'none', 'seed'] as const).map((value) => element('option', { value }, text(value === 'const' ? 'noiseConst' : value === 'none' ? 'noiseNone' : 'noiseSeed'))));
  const noiseSeed = seedField(text('noiseSeedValue'), (value) => editor.dispatch({ type: 'setNoise', noise: { seed: value } }));
  noise.addEventListener('change', () => editor.dispatch({ type: 'setNoise', noise: noise.value === 'seed' ? { seed: randomSeed() } : (noise.value as 'const' | 'none') }));
  return {
    element: section('appearance', text('appearance'), classes.element, element('div', { class: 'row' }, seed.element, dice), truncation.element,
      element('div', { class: 'row' }, element('label', { class: 'field' }, element('span', {}, text('noise')), noise), noiseSeed.element)),
    update({ latent, label, truncationPsi, noise: mode, readOnly }) {
      classes.set(label, readOnly);
      seed.set(latent.kind === 'seed' ? latent.seed : undefined, readOnly);
      dice.disabled = noise.disabled = readOnly;
      truncation.set(truncationPsi, truncationPsi.toFixed(2), readOnly);
      noise.value = typeof mode === 'string' ? mode : 'seed';
      noiseSeed.element.hidden = typeof mode === 'string';
      noiseSeed.set(typeof mode === 'string' ? undefined : mode.seed, readOnly);
    },
  };
}
