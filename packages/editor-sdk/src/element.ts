import type { ModelRuntime } from '@spatialgan/schema';
import { createEditor } from './createEditor.js';
import { mountFace } from './dom/mountEditor.js';
import type { Editor } from './editor.js';
import type { EditorSnapshot } from './snapshot.js';

/** `<spatialgan-editor>`: an editor as an element of any page or framework. */
export interface SpatialganEditorElement extends HTMLElement {
  /** Setting it makes an editor over the model; the runtime stays its giver's. */
  runtime: ModelRuntime | undefined;
  /** The editor; setting it shows one that the page made itself, and disposes. */
  editor: Editor | undefined;
  /** Document and session as JSON, also what a form sends; setting it opens another. */
  value: EditorSnapshot | undefined;
}
declare global {
  interface HTMLElementTagNameMap {
    'spatialgan-editor': SpatialganEditorElement;
  }
}
/** Attributes: how the face looks, and how the editor works. */
const ATTRIBUTES = ['lang', 'theme', 'compare', 'readonly', 'synthesis'];

/**
 * Defines `<spatialgan-editor>`; once, whoever asks first. Does nothing where there are no custom elements (on a server).
 *
 * Attributes: `lang`, `theme` (auto, light, dark, contrast), `compare` (off, side, wipe), `readonly`, `synthesis` (auto, manual), `name` (for forms).
 * Events: `change` after each change of the document, `image` after each image, `error` with `detail.error`. Parts: those of `mountEditor`.
 */
export function defineEditorElement(name = 'spatialgan-editor'): void {
  if (typeof customElements === 'undefined' || customElements.get(name)) return;
  customElements.define(name, elementClass());
}

function elementClass(): CustomElementConstructor {
  return class extends HTMLElement implements SpatialganEditorElement {
    static readonly observedAttributes = ATTRIBUTES;
    static readonly formAssociated = true;
    readonly #internals = this.attachInternals();
    #runtime: ModelRuntime | undefined;
    #editor: Editor | undefined;
    #owned = false;
    #value: EditorSnapshot | undefined;
    #stops: readonly (() => void)[] = [];
    #closing: ReturnType<typeof setTimeout> | undefined;

    get runtime() {
      return this.#runtime;
    }
    set runtime(runtime) {
      if (runtime === this.#runtime) return;
      this.#drop();
      this.#runtime = runtime;
      if (this.isConnected) this.#open();
    }
    get editor() {
      return this.#editor;
    }
    set editor(editor) {
      if (editor === this.#editor) return;
      this.#drop();
      this.#editor = editor;
      if (this.isConnected) this.#open();
    }
    get value() {
      return this.#editor?.getSnapshot() ?? this.#value;
    }
    set value(value) {
      this.#value = value;
      if (value) this.#editor?.loadSnapshot(value);
    }
    connectedCallback() {
      clearTimeout(this.#closing);
      // What was set before the element was defined hides the accessors; set it anew.
      for (const key of ['runtime', 'editor', 'value'] as const) {
        const given = Object.getOwnPropertyDescriptor(this, key)?.value as never;
        if (given && Reflect.deleteProperty(this, key)) this[key] = given;
      }
      this.#open();
    }
    disconnectedCallback() {
      this.#hide();
      // A node that is only moved comes back at once, and keeps its editor.
      this.#closing = setTimeout(() => this.#drop());
    }
    attributeChangedCallback(attribute: string) {
      if (this.#stops.length === 0) return;
      if (attribute === 'readonly') this.#editor?.setReadOnly(this.hasAttribute('readonly'));
      else if (attribute === 'synthesis') this.#editor?.setSynthesis(this.#synthesis());
      else this.#show();
    }
    #synthesis() {
      return this.getAttribute('synthesis') === 'manual' ? 'manual' : 'auto';
    }
    #open() {
      if (!this.#editor && this.#runtime) {
        this.#owned = true;
        this.#editor = createEditor({ runtime: this.#runtime, readOnly: this.hasAttribute('readonly'), synthesis: this.#synthesis() });
        if (this.#value) this.#editor.loadSnapshot(this.#value);
      }
      if (this.#editor) this.#show();
    }
    #show() {
      this.#hide();
      const editor = this.#editor!;
      const one = <T extends string>(name: string, among: readonly T[]): T | undefined => among.find((each) => each === this.getAttribute(name));
      const [lang, theme, compare] = [this.getAttribute('lang'), one('theme', ['auto', 'light', 'dark', 'contrast']), one('compare', ['off', 'side', 'wipe'])];
      const tell = (type: string, detail: unknown): boolean => this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
      const changed = (): void => this.#internals.setFormValue(JSON.stringify(editor.getSnapshot()));
      changed();
      this.#stops = [
        mountFace(editor, this, { ...(lang && { lang }), ...(theme && { theme }), ...(compare && { compare }) }),
        editor.on('change', (detail) => (changed(), tell('change', detail))),
        editor.on('image', (detail) => tell('image', detail)),
        editor.on('error', (detail) => tell('error', detail)),
      ];
    }
    #hide() {
      for (const stop of this.#stops) stop();
      this.#stops = [];
    }
    #drop() {
      this.#hide();
      this.#value = this.#editor?.getSnapshot() ?? this.#value;
      if (this.#owned) this.#editor?.dispose();
      this.#owned = false;
      this.#editor = undefined;
    }
  };
}
