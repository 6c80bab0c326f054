import { createAppearance } from './appearance.js';
import { element } from './element.js';
import { createGallerySection } from './gallerySection.js';
import { createHistorySection } from './historySection.js';
import { createKeyTable } from './keyTable.js';
import { createLevelCards } from './levelCards.js';
import type { FaceContext, FacePart } from './part.js';
import { createRegionSection } from './regionSection.js';

/** Heatmaps, the selected regions, the appearance, galleries, history and keys. */
export function createPanel(context: FaceContext): FacePart {
  const parts: readonly FacePart[] = [
    createLevelCards(context), createRegionSection(context), createAppearance(context), createGallerySection(context, 'latents'),
    createGallerySection(context, 'layouts'), createHistorySection(context), createKeyTable(context),
  ];
  return {
    element: element('div', { class: 'panel', part: 'panel', tabindex: -1 }, ...parts.map((part) => part.element)),
    update: (state, view) => parts.forEach((part) => part.update(state, view)),
    dispose: () => parts.forEach((part) => part.dispose?.()),
  };
}
