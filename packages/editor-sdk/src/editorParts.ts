import type { Editor, EditorEvents, EditorOptions } from './editor.js';
import type { Emitter } from './emitter.js';
import type { PluginHost } from './pluginHost.js';
import type { Store } from './store.js';
import type { Synthesis } from './synthesis.js';

/** What the pieces of one editor share. */
export interface EditorParts {
  readonly store: Store;
  readonly host: PluginHost;
  readonly events: Emitter<EditorEvents>;
  readonly synthesis: Synthesis;
  readonly options: EditorOptions;
  /** The editor that is being put together. */
  self(): Editor;
  /** @throws SpatialGANError 'DISPOSED' after `dispose()`. */
  live(where: string): void;
  isDisposed(): boolean;
}
