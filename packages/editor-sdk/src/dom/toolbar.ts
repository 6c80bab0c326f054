import type { EditorState } from '../state.js';
import { element, setAttributes } from './element.js';
import { icon, isIconName, type IconName } from './icons.js';
import { whenChanged, type FaceContext, type FacePart, type TextKey } from './part.js';
import type { View } from './view.js';

function iconButton(name: IconName, label: string, run: () => void): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'icon-button', 'data-button': name, 'aria-label': label, title: label }, icon(name));
  button.addEventListener('click', run);
  return button;
}

interface Toggle {
  readonly button: HTMLButtonElement;
  isOn(state: EditorState, view: View): boolean;
}

function createToggles({ editor, view, text }: FaceContext): readonly Toggle[] {
  const flag = (name: IconName, key: 'overlay' | 'attention' | 'pixelated'): Toggle => ({
    button: iconButton(name, text(key), () => view.set({ [key]: !view.get()[key] })), isOn: (_state, shown) => shown[key],
  });
  const compare = (name: IconName, mode: 'side' | 'wipe', label: TextKey): Toggle => ({
    button: iconButton(name, text(label), () => view.set({ compare: view.get().compare === mode ? 'off' : mode })), isOn: (_state, shown) => shown.compare === mode,
  });
  const snap: Toggle = { button: iconButton('snap', text('snap'), () => editor.setSnap(!editor.getState().snap)), isOn: (state) => state.snap };
  return [
    compare('compare', 'side', 'compare'), compare('wipe', 'wipe', 'wipe'), flag('heat', 'overlay'),
    ...(editor.runtime.attention ? [flag('attention', 'attention')] : []), flag('pixels', 'pixelated'), snap,
  ];
}

/** Tools, history and what is shown. */
export function createToolbar(context: FaceContext): FacePart {
  const { editor, text, stepName } = context;
  const tools = element('div', { class: 'group tools', role: 'group', 'aria-label': text('toolbar') });
  const undo = iconButton('undo', text('undo'), () => editor.undo());
  const redo = iconButton('redo', text('redo'), () => editor.redo());
  const toggles = createToggles(context);
  const ifTools = whenChanged();
  let buttons: readonly (readonly [string, HTMLButtonElement])[] = [];
  const group = (label: string, ...children: HTMLElement[]) => element('div', { class: 'group', role: 'group', 'aria-label': label }, ...children);
  return {
    element: element('div', { class: 'toolbar', part: 'toolbar' },
      tools, group(text('history'), undo, redo), group(text('show'), ...toggles.map(({ button }) => button))),
    update(state, view) {
      ifTools([editor.tools().map(({ id }) => id).join()], () => {
        buttons = editor.tools().map((tool) => [tool.id, toolButton(context, tool.id, tool.label, tool.hotkey)] as const);
        tools.replaceChildren(...buttons.map(([, button]) => button));
      });
      for (const [id, button] of buttons) setAttributes(button, { 'aria-pressed': String(id === state.toolId), disabled: state.readOnly });
      for (const { button, isOn } of toggles) setAttributes(button, { 'aria-pressed': String(isOn(state, view)) });
      const title = (action: string, step: typeof state.undoable): string => (step ? text('step', { action, step: stepName(step) }) : action);
      setAttributes(undo, { disabled: !state.undoable || state.readOnly, title: title(text('undo'), state.undoable) });
      setAttributes(redo, { disabled: !state.redoable || state.readOnly, title: title(text('redo'), state.redoable) });
    },
  };
}

function toolButton({ editor, messages }: FaceContext, id: string, label: string, hotkey: string | undefined): HTMLButtonElement {
  const name = messages.tools[id] ?? label;
  const title = hotkey ? `${name} (${hotkey.toUpperCase()})` : name;
  const button = element('button', { type: 'button', class: 'tool', 'data-tool': id, 'aria-label': name, 'aria-keyshortcuts': hotkey, title },
    isIconName(id) ? icon(id) : icon('generate'), element('span', { class: 'tool-name' }, name));
  button.addEventListener('click', () => editor.setTool(id));
  return button;
}
