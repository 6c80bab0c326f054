import { element, setAttributes } from './element.js';
import { icon, isIconName, type IconName } from './icons.js';
import { whenChanged, type FaceContext, type FacePart } from './part.js';
import type { View } from './view.js';

function iconButton(name: IconName, label: string, run: () => void): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label }, icon(name));
  button.addEventListener('click', run);
  return button;
}

/** Tools, history and what is shown. */
export function createToolbar(context: FaceContext): FacePart {
  const { editor, messages, view } = context;
  const tools = element('div', { class: 'group tools', role: 'group', 'aria-label': messages.toolbar });
  const undo = iconButton('undo', messages.undo, () => editor.undo());
  const redo = iconButton('redo', messages.redo, () => editor.redo());
  const toggle = (name: IconName, label: string, key: 'compare' | 'overlay' | 'pixelated') =>
    [key, iconButton(name, label, () => view.set({ [key]: !view.get()[key] }))] as const;
  const toggles = [toggle('compare', messages.compare, 'compare'), toggle('heat', messages.overlay, 'overlay'), toggle('pixels', messages.pixelated, 'pixelated')];
  const ifTools = whenChanged();
  let buttons: readonly (readonly [string, HTMLButtonElement])[] = [];
  return {
    element: element('div', { class: 'toolbar', part: 'toolbar', role: 'toolbar', 'aria-label': messages.toolbar },
      tools, element('div', { class: 'group' }, undo, redo), element('div', { class: 'group' }, ...toggles.map(([, button]) => button))),
    update(state, shown: View) {
      ifTools([editor.tools().map(({ id }) => id).join()], () => {
        buttons = editor.tools().map((tool) => [tool.id, toolButton(context, tool.id, tool.label, tool.hotkey)] as const);
        tools.replaceChildren(...buttons.map(([, button]) => button));
      });
      for (const [id, button] of buttons) setAttributes(button, { 'aria-pressed': String(id === state.toolId), disabled: state.readOnly });
      for (const [key, button] of toggles) setAttributes(button, { 'aria-pressed': String(shown[key]) });
      const name = (step: typeof state.undoable): string => (step ? `: ${messages.commands[step.commandType] ?? step.label}` : '');
      setAttributes(undo, { disabled: !state.undoable || state.readOnly, title: `${messages.undo}${name(state.undoable)}` });
      setAttributes(redo, { disabled: !state.redoable || state.readOnly, title: `${messages.redo}${name(state.redoable)}` });
    },
  };
}

function toolButton({ editor, messages }: FaceContext, id: string, label: string, hotkey: string | undefined): HTMLButtonElement {
  const name = messages.tools[id] ?? label;
  const button = element('button', { type: 'button', class: 'tool', 'data-tool': id, 'aria-label': name, title: hotkey ? `${name} (${hotkey.toUpperCase()})` : name },
    isIconName(id) ? icon(id) : icon('generate'), element('span', { class: 'tool-name' }, name));
  button.addEventListener('click', () => editor.setTool(id));
  return button;
}
