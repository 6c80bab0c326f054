import { isHeldKey } from '../keyboard.js';
import type { EditorState } from '../state.js';
import type { RegionHandle } from '../tool.js';
import { element, setAttributes } from './element.js';
import { createGrips } from './grips.js';
import type { FaceContext } from './part.js';
import { describeRegion, listRegions, nameOf } from './regionList.js';
import type { View } from './view.js';

/** A center outside the image keeps its handle at the rim, where it can be reached. */
export const atRim = (value: number): number => Math.min(Math.max(value, 0), 1);
/** A selected region wins over a neighbour that is nearer by less than this, in CSS pixels. */
const PREFERENCE = 4;

export interface Handles {
  readonly element: HTMLElement;
  update(state: EditorState, view: View): void;
  /** Focuses a region's handle without selecting it. */
  focus(id: string): void;
  /** What can be grabbed nearest within a radius of pixels, if anything. */
  nearest(clientX: number, clientY: number, radius: number): { readonly id: string; readonly handle: RegionHandle } | undefined;
}

/** A focusable button per region, and grips around the selected one. */
export function createHandles(context: FaceContext): Handles {
  const { editor, text } = context;
  const grips = createGrips(context);
  const root = element('div', { class: 'handles', role: 'group', 'aria-label': context.messages.editor });
  root.append(...grips.elements);
  const buttons = new Map<string, HTMLButtonElement>();
  let quiet = false;
  /** Space has pinned a region: the focus moves on without taking the selection along. */
  let pinned = false;

  function pin(id: string): void {
    const { selection } = editor.getState();
    const others = selection.filter((one) => one !== id);
    editor.select(pinned && others.length < selection.length ? others : [...others, id]);
    pinned = true;
  }
  function create(id: string): HTMLButtonElement {
    const button = element('button', { type: 'button', class: 'handle', part: 'handle', 'data-region': id, 'aria-roledescription': text('regionRole') });
    button.addEventListener('focus', () => !quiet && !pinned && editor.select([id]));
    button.addEventListener('keydown', (event) => {
      if (editor.getState().selection.length === 0 && isHeldKey(event.key)) editor.select([id]);
      if (event.key !== ' ') return;
      event.preventDefault();
      event.stopPropagation();
      pin(id);
    });
    return button;
  }
  const focusQuietly = (button: HTMLElement | null | undefined): void => {
    quiet = true;
    button?.focus({ preventScroll: true });
    quiet = false;
  };
  return {
    element: root,
    update(state, { hiddenLevels }) {
      if (state.selection.length === 0) pinned = false;
      const shown = listRegions(state).filter(({ level }) => !hiddenLevels.has(level));
      const ids = new Set(shown.map(({ region }) => region.id));
      const lost = [...buttons].some(([id, button]) => !ids.has(id) && button.matches(':focus'));
      for (const [id, button] of buttons) {
        if (ids.has(id)) continue;
        button.remove();
        buttons.delete(id);
      }
      shown.forEach((listed, i) => {
        const { region, level } = listed;
        const button = buttons.get(region.id) ?? create(region.id);
        buttons.set(region.id, button);
        if (root.children[i] !== button) root.insertBefore(button, root.children[i] ?? null);
        const selected = state.selection.includes(region.id);
        const classes = [selected && 'is-selected', region.weight === 0 && 'is-faded', state.document.locked.includes(region.id) && 'is-locked'];
        setAttributes(button, {
          'aria-label': `${nameOf(context, listed)}, ${describeRegion(context, listed)}`,
          'aria-pressed': String(selected), 'data-level': level, class: ['handle', ...classes].filter(Boolean).join(' '),
        });
        button.style.setProperty('--level', `var(--sge-level-${level % 4})`);
        button.style.left = `${atRim(region.center.x) * 100}%`;
        button.style.top = `${atRim(region.center.y) * 100}%`;
      });
      grips.update(state, shown);
      if (lost) focusQuietly(root.querySelector<HTMLElement>('.handle'));
    },
    focus: (id) => focusQuietly(buttons.get(id)),
    nearest(clientX, clientY, radius) {
      const distance = (target: HTMLElement): number => {
        const { left, top, width, height } = target.getBoundingClientRect();
        return Math.hypot(left + width / 2 - clientX, top + height / 2 - clientY);
      };
      const { selection } = editor.getState();
      const centers = [...buttons].map(([id, button]) => ({ id, handle: 'center' as RegionHandle, distance: distance(button) - (selection.includes(id) ? PREFERENCE : 0) }));
      const best = [...centers, ...grips.all(distance)].sort((a, b) => a.distance - b.distance)[0];
      return best && best.distance <= radius ? best : undefined;
    },
  };
}
