import type { Point } from '@spatialgan/schema';
import { setAttributes, svg } from './element.js';
import type { FaceContext } from './part.js';
import { listRegions } from './regionList.js';
import type { EditorState } from '../state.js';
import type { View } from './view.js';

const pathOf = (points: readonly Point[]): string =>
  `M${points.map(({ x, y }) => `${(x * 100).toFixed(2)} ${(y * 100).toFixed(2)}`).join('L')}Z`;

/** Outlines of the regions over the image, and lines from the selected ones to what follows them. */
export function createOutlines({ editor }: FaceContext): { readonly element: SVGSVGElement; update(state: EditorState, view: View): void } {
  const root = svg('svg', { class: 'outlines', viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  let paths: SVGPathElement[] = [];
  return {
    element: root,
    update(state, { hiddenLevels }) {
      const shown = listRegions(state).filter(({ level }) => !hiddenLevels.has(level));
      if (paths.length !== shown.length) {
        paths = shown.map(() => svg('path', { 'vector-effect': 'non-scaling-stroke' }));
        root.replaceChildren(...paths);
      }
      shown.forEach(({ region, level }, i) => {
        const follows = region.parentId !== undefined && state.selection.includes(region.parentId);
        const classes = ['outline', state.selection.includes(region.id) && 'is-selected', follows && 'is-following', region.weight === 0 && 'is-faded'];
        const outline = editor.regionUtil(region.kind).outline(region, level);
        setAttributes(paths[i]!, { d: pathOf(outline), class: classes.filter(Boolean).join(' '), 'data-level': level });
        paths[i]!.style.setProperty('--level', `var(--sge-level-${level % 4})`);
      });
    },
  };
}
