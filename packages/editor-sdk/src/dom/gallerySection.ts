import { createGallery, type GalleryItem, type GalleryKind } from '../gallery.js';
import { element, setAttributes } from './element.js';
import { icon } from './icons.js';
import { createImageView, type ImageView } from './imageView.js';
import type { FaceContext, FacePart } from './part.js';
import { disclosure } from './section.js';

interface Cell {
  readonly button: HTMLButtonElement;
  readonly view: ImageView;
}

/** Variations of the present image to choose from. Opening it makes the first ones. */
export function createGallerySection(context: FaceContext, kind: GalleryKind): FacePart {
  const { editor, text } = context;
  const gallery = createGallery(editor, kind);
  const grid = element('div', { class: 'gallery' });
  const fill = element('button', { type: 'button', class: 'action is-small', 'data-action': `fill-${kind}` }, icon('grid'), text('fill'));
  const root = disclosure(`gallery-${kind}`, text(kind === 'latents' ? 'latentGallery' : 'layoutGallery'), grid, fill);
  let cells: readonly Cell[] = [];
  const createCell = ({ seed }: GalleryItem, i: number): Cell => {
    const label = text('useItem', { number: i + 1, seed });
    const view = createImageView({ class: 'gallery-image', 'aria-hidden': 'true' });
    const button = element('button', { type: 'button', class: 'gallery-item', 'data-item': i, 'aria-label': label, title: label, disabled: true }, view.canvas);
    button.addEventListener('click', () => gallery.choose(i));
    return { button, view };
  };
  const clear = (): void => cells.forEach(({ view }) => view.dispose());
  const show = (): void => {
    const { items, working } = gallery.getState();
    if (cells.length !== items.length || cells.some(({ button }, i) => button.title !== text('useItem', { number: i + 1, seed: items[i]!.seed }))) {
      clear();
      cells = items.map(createCell);
      grid.replaceChildren(...cells.map(({ button }) => button));
    }
    items.forEach(({ image }, i) => {
      cells[i]!.view.show(image, false);
      setAttributes(cells[i]!.button, { 'data-ready': image !== undefined });
    });
    setAttributes(grid, { 'aria-busy': String(working) });
    refresh();
  };
  const refresh = (): void => {
    const { readOnly, latent, layout } = editor.getState();
    gallery.getState().items.forEach(({ image, request }, i) => {
      const used = kind === 'latents' ? request.latent === latent : request.layout === layout;
      setAttributes(cells[i]!.button, { disabled: readOnly || !image, 'aria-pressed': String(used) });
    });
  };
  const stop = gallery.subscribe(show);
  fill.addEventListener('click', () => void gallery.fill());
  root.addEventListener('toggle', () => root.open && gallery.getState().items.length === 0 && void gallery.fill());
  return {
    element: root,
    update: refresh,
    dispose() {
      stop();
      gallery.dispose();
      clear();
    },
  };
}
