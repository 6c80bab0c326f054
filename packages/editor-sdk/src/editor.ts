import type { HeatmapLayout, LatentSpec, ModelRuntime, Point, Region } from '@spatialgan/schema';
import type { EditorCommand } from './commands.js';
import type { EditorDocument } from './document.js';
import type { Unsubscribe } from './emitter.js';
import type { HistoryEntry } from './history.js';
import type { EditorSnapshot } from './snapshot.js';
import type { EditorState, SynthesisMode } from './state.js';
import type { EditorPlugin, EditorPointerEvent, EditorTool, RegionUtil } from './tool.js';

export interface EditorEvents {
  /** The document is another one: by a command, undo, redo, a snapshot or `amend`. */
  change: { readonly document: EditorDocument; readonly previous: EditorDocument };
  select: { readonly selection: readonly string[] };
  /** A command was applied to the document. */
  command: { readonly command: EditorCommand; readonly document: EditorDocument };
  /** A command was not applied: by a plugin's filter, or because the editor is read-only. */
  refused: { readonly command: EditorCommand; readonly by: string };
  undo: { readonly entry: HistoryEntry };
  redo: { readonly entry: HistoryEntry };
  /** A newer image is in the state. */
  image: { readonly milliseconds: number; readonly isCurrent: boolean; readonly isFinal: boolean };
  error: { readonly error: unknown };
  dispose: Record<never, never>;
}

/** A pointer as a face reports it; the editor finds the region unless the face says which (`region: undefined` = none). */
export type PointerInput = Omit<EditorPointerEvent, 'buttons' | 'shiftKey' | 'altKey'> &
  Partial<Pick<EditorPointerEvent, 'buttons' | 'shiftKey' | 'altKey'>>;

export interface DispatchOptions {
  /** Changes that share a name are one undo step, until the transaction ends. */
  readonly transaction?: string;
  /** Name of the step in undo menus. */
  readonly label?: string;
}

/** The headless editor: a document, its history, and the newest image of it. */
export interface Editor {
  readonly runtime: ModelRuntime;
  /** Resolves when there is a layout to edit: at once, or when the model has sampled one. */
  readonly ready: Promise<void>;
  getState(): EditorState;
  subscribe(listener: (state: EditorState, previous: EditorState) => void): Unsubscribe;
  on<K extends keyof EditorEvents>(event: K, listener: (payload: EditorEvents[K]) => void): Unsubscribe;
  /**
   * Applies a command as one undo step; commands of one drag share `transaction`.
   *
   * @throws SpatialGANError 'LAYOUT' when the command does not fit the document, 'DISPOSED' after `dispose()`.
   */
  dispatch(command: EditorCommand, options?: DispatchOptions): void;
  /**
   * Makes one undo step of all that `run` dispatches; takes it back when `run` throws. Nested ones join the outer.
   *
   * @param label name of the step in undo menus.
   */
  transaction<T>(label: string, run: () => T): T;
  /** Closes the open transaction; the next change is an undo step of its own. */
  endTransaction(): void;
  /** Takes back all of the open transaction, as if it had never been. */
  cancelTransaction(): void;
  undo(): void;
  redo(): void;
  /** Undoes or redoes until so many steps are behind. */
  jumpTo(position: number): void;
  /** Puts a changed document in place of the present one without a step of its own: the last step now leads to it. For hosts that own the document. */
  amend(document: EditorDocument): void;
  history(): { readonly past: readonly HistoryEntry[]; readonly future: readonly HistoryEntry[] };
  select(ids: readonly string[]): void;
  setActiveLevel(level: number): void;
  setTool(id: string): void;
  /** Tools this model can use. */
  tools(): readonly EditorTool[];
  regionAt(point: Point): Region | undefined;
  regionUtil(kind: Region['kind']): RegionUtil;
  /** Hands a pointer event to the current tool; 'up' ends the transaction, 'cancel' takes it back. */
  pointer(phase: 'down' | 'move' | 'up' | 'cancel', event: PointerInput): void;
  /** Switches to the tool with that hotkey, or hands the key to the current one. */
  key(key: string): boolean;
  /** Synthesizes the present document; errors land in the state. */
  generate(): Promise<void>;
  /** Draws a new layout from the model's prior, and a new latent on request: one undo step, and the new original. */
  reset(options?: { readonly seed?: number; readonly latent?: LatentSpec | 'new' }): Promise<void>;
  setSynthesis(mode: SynthesisMode): void;
  setSnap(snap: boolean): void;
  setReadOnly(readOnly: boolean): void;
  /** Document and session as plain JSON. */
  getSnapshot(): EditorSnapshot;
  /**
   * Opens a snapshot of this or an older version; the history starts anew.
   *
   * @throws SpatialGANError 'DATA' or 'LAYOUT' naming what is wrong; nothing changes then.
   */
  loadSnapshot(snapshot: unknown): void;
  use(plugin: EditorPlugin): Unsubscribe;
  /** Stops pending synthesis; leaves the runtime to its owner. */
  dispose(): void;
}

export interface EditorOptions {
  readonly runtime: ModelRuntime;
  /** A whole document; its parts win over `layout`, `latent` and `truncationPsi`. */
  readonly document?: EditorDocument;
  /** Default: sampled by the model. */
  readonly layout?: HeatmapLayout;
  /** Default: seed 0. */
  readonly latent?: LatentSpec;
  /** Truncation ψ at the start. Default 1. */
  readonly truncationPsi?: number;
  readonly plugins?: readonly EditorPlugin[];
  /** Default 'auto'. */
  readonly synthesis?: SynthesisMode;
  readonly readOnly?: boolean;
  /** Default false. */
  readonly snap?: boolean;
  /** Undo steps kept. Default 5000; they share what did not change. */
  readonly historyLimit?: number;
  /** Source of the seeds that `reset` draws. Default: the platform's randomness. */
  readonly randomSeed?: () => number;
}
