import type { EditorState } from '../state.js';
import type { RegionHandle } from '../tool.js';
import { element } from './element.js';
import { atRim } from './handles.js';
import type { FaceContext, TextKey } from './part.js';
import { extentOf, type ListedRegion } from './regionList.js';

type GripKind = Exclude<RegionHandle, 'center'>;
/** Where a grip sits on the outline (its angle there), and how far beyond it, in CSS pixels. */
const GRIPS: readonly { readonly kind: GripKind; readonly at: number; readonly beyond: number; readonly label: TextKey }[] = [
  { kind: 'size', at: Math.PI / 4, beyond: 0, label: 'gripSize' },
  { kind: 'width', at: 0, beyond: 0, label: 'gripWidth' },
  { kind: 'height', at: Math.PI / 2, beyond: 0, label: 'gripHeight' },
  { kind: 'rotate', at: -Math.PI / 4, beyond: 26, label: 'gripRotate' },
];
/** No grip comes nearer to its center than this, in CSS pixels: each must be hit apart. */
const NEAREST = 44;

/**
 * What pulls at the last selected region: its size, its axes and its angle.
 *
 * For pointers only; keys and the panel's sliders do the same.
 */
export function createGrips({ editor, text }: FaceContext) {
  const grips = GRIPS.map((grip) => ({ ...grip, element: element('span', { class: `grip is-${grip.kind}`, part: 'grip', 'data-grip': grip.kind, title: text(grip.label), 'aria-hidden': 'true', hidden: true }) }));
  let id: string | undefined;
  return {
    elements: grips.map((grip) => grip.element),
    update({ selection, toolId, readOnly, document }: EditorState, shown: readonly ListedRegion[]): void {
      const selected = shown.find(({ region }) => region.id === selection.at(-1));
      const usable = selected && toolId === 'move' && !readOnly && !document.locked.includes(selected.region.id);
      id = usable ? selected.region.id : undefined;
      for (const grip of grips) grip.element.hidden = !usable;
      if (!usable) return;
      const { region, level } = selected;
      const { x, y, angle } = extentOf(editor, region, level);
      for (const { element: target, kind, at, beyond } of grips) {
        const [u, v] = [x * Math.cos(at), y * Math.sin(at)];
        const length = Math.hypot(u, v);
        const [cos, sin] = [(u * Math.cos(angle) - v * Math.sin(angle)) / length, (u * Math.sin(angle) + v * Math.cos(angle)) / length];
        const away = `max(${(length * 100).toFixed(3)}%, ${NEAREST}px) + ${beyond}px`;
        target.style.left = `clamp(0%, ${atRim(region.center.x) * 100}% + ${cos.toFixed(4)} * (${away}), 100%)`;
        target.style.top = `clamp(0%, ${atRim(region.center.y) * 100}% + ${sin.toFixed(4)} * (${away}), 100%)`;
        target.style.setProperty('--level', `var(--sge-level-${level % 4})`);
        target.style.setProperty('--turn', `${Math.round((Math.atan2(sin, cos) * 180) / Math.PI)}deg`);
        if (kind === 'rotate') target.hidden = !editor.regionUtil(region.kind).rotate || x / y < 1.03;
      }
    },
    all: (distance: (target: HTMLElement) => number) =>
      id === undefined ? [] : grips.filter((grip) => !grip.element.hidden).map((grip) => ({ id: id!, handle: grip.kind as RegionHandle, distance: distance(grip.element) })),
  };
}
