import type { Point } from '@spatialgan/schema';
import type { EditorState } from '../state.js';
import { element, setAttributes } from './element.js';
import type { FaceContext } from './part.js';
import { describeRegion, listRegions } from './regionList.js';
import type { View } from './view.js';

/** A center outside the image keeps its handle at the rim, where it can be reached. */
const atRim = (value: number): number => Math.min(Math.max(value, 0), 1);
const place = (handle: HTMLElement, { x, y }: Point): void => {
  handle.style.left = `${atRim(x) * 100}%`;
  handle.style.top = `${atRim(y) * 100}%`;
};
/** Index of the outline point that carries the grip: lower right of a round region. */
const GRIP = 1 / 8;

export interface Handles {
  readonly element: HTMLElement;
  update(state: EditorState, view: View): void;
  focus(id: string): void;
  /** The region whose handle is nearest within a radius of pixels, if any. */
  nearest(clientX: number, clientY: number, radius: number): string | undefined;
}

/** A focusable button per region, and the grip that resizes the selected one. */
export function createHandles(context: FaceContext): Handles {
  const { editor, messages } = context;
  const root = element('div', { class: 'handles', role: 'group', 'aria-label': messages.editor });
  const grip = element('button', { type: 'button', class: 'grip', part: 'grip', tabindex: -1, 'aria-label': messages.sizeGrip, hidden: true });
  root.append(grip);
  const buttons = new Map<string, HTMLButtonElement>();

  const create = (id: string): HTMLButtonElement => {
    const button = element('button', { type: 'button', class: 'handle', part: 'handle', 'data-region': id, 'aria-roledescription': messages.regionRole });
    button.addEventListener('focus', () => editor.select([id]));
    return button;
  };
  function updateGrip({ selection, toolId, readOnly }: EditorState, shown: ReturnType<typeof listRegions>): void {
    const selected = shown.find(({ region }) => region.id === selection[0]);
    grip.hidden = !selected || toolId !== 'move' || readOnly;
    if (!selected || grip.hidden) return;
    const outline = editor.regionUtil(selected.region.kind).outline(selected.region, selected.level);
    place(grip, outline[Math.round(outline.length * GRIP)]!);
    grip.style.setProperty('--level', `var(--sge-level-${selected.level % 4})`);
  }
  return {
    element: root,
    update(state, { hiddenLevels }) {
      const shown = listRegions(state).filter(({ level }) => !hiddenLevels.has(level));
      const ids = new Set(shown.map(({ region }) => region.id));
      const lost = [...buttons].some(([id, button]) => !ids.has(id) && button.matches(':focus'));
      for (const [id, button] of buttons) {
        if (ids.has(id)) continue;
        button.remove();
        buttons.delete(id);
      }
      shown.forEach((listed, i) => {
        const { region, level, number } = listed;
        const button = buttons.get(region.id) ?? create(region.id);
        buttons.set(region.id, button);
        if (root.children[i] !== button) root.insertBefore(button, root.children[i] ?? null);
        const selected = state.selection.includes(region.id);
        setAttributes(button, {
          'aria-label': `${messages.regionName(level, number)}, ${describeRegion(editor, listed, messages)}`,
          'aria-pressed': String(selected), 'data-level': level,
          class: `handle${selected ? ' is-selected' : ''}${region.weight === 0 ? ' is-faded' : ''}`,
        });
        button.style.setProperty('--level', `var(--sge-level-${level % 4})`);
        place(button, region.center);
      });
      updateGrip(state, shown);
      if (lost) root.querySelector<HTMLElement>('.handle')?.focus({ preventScroll: true });
    },
    focus: (id) => buttons.get(id)?.focus({ preventScroll: true }),
    nearest(clientX, clientY, radius) {
      const near = [...buttons].map(([id, button]) => {
        const { left, top, width, height } = button.getBoundingClientRect();
        const selected = editor.getState().selection.includes(id) ? 4 : 0;
        return { id, distance: Math.hypot(left + width / 2 - clientX, top + height / 2 - clientY) - selected };
      });
      const best = near.sort((a, b) => a.distance - b.distance)[0];
      return best && best.distance <= radius ? best.id : undefined;
    },
  };
}
